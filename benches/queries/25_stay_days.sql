-- Days of stays in a year, by service.
select service, count(*) as stays,
       sum(least(end_date, date '2013-12-31') - greatest(start_date, date '2013-01-01') + 1) as days
from contacts where is_stay and start_date <= date '2013-12-31' and end_date >= date '2013-01-01'
group by service order by service
