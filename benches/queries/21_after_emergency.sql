-- What follows an emergency within seven days?
select next_service, count(*) as times from (
    select urgency, start_date, lead(service) over w as next_service, lead(start_date) over w as next_date
    from contacts window w as (partition by client_id order by start_date, start_time nulls last, service, contact_id)) as c
where urgency = 'emergency' and next_date - start_date <= 7 group by next_service order by next_service
