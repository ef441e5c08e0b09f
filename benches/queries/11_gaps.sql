-- How long are the gaps between a client's contacts?
select service, count(*) as gaps, median(gap) as median_days, max(gap) as longest from (
    select service, start_date - lag(start_date) over (
        partition by client_id order by start_date, start_time nulls last, service, contact_id) as gap
    from contacts) as c
where gap is not null group by service order by service
