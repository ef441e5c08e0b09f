-- How does each client's use change from year to year?
select change, count(*) as clients from (
    select client_id,
           sum(case when start_date >= date '2014-01-01' then 1 else 0 end)
           - sum(case when start_date < date '2014-01-01' then 1 else 0 end) as change
    from contacts where start_date >= date '2013-01-01' group by client_id) as c
group by change order by change
