-- The busiest 30 days of each client: how many contacts?
select most, count(*) as clients from (
    select client_id, max(n) as most from (
        select client_id, count(*) over (
            partition by client_id order by start_date range between interval '29' day preceding and current row) as n
        from contacts) as w
    group by client_id) as c
group by most order by most
