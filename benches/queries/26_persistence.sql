-- Do the costliest of one year stay the costliest?
select decile_2013, decile_2014, count(*) as clients from (
    select client_id, ntile(10) over (order by cost_2013 desc, client_id) as decile_2013,
           ntile(10) over (order by cost_2014 desc, client_id) as decile_2014 from (
        select client_id,
               sum(case when start_date < date '2014-01-01' then coalesce(cost_cents, 0) else 0 end) as cost_2013,
               sum(case when start_date >= date '2014-01-01' then coalesce(cost_cents, 0) else 0 end) as cost_2014
        from contacts where start_date >= date '2013-01-01' group by client_id) as c) as d
group by decile_2013, decile_2014 order by decile_2013, decile_2014
