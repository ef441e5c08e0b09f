-- Stays that begin within 30 days of the end of the stay before.
select service, count(*) as stays, sum(case when start_date - end_before <= 30 then 1 else 0 end) as readmissions from (
    select service, start_date, lag(end_date) over (
        partition by client_id order by start_date, start_time nulls last, service, contact_id) as end_before
    from contacts where is_stay) as c
group by service order by service
