-- From which service to which do clients go within 90 days?
select from_service, to_service, count(*) as transitions, count(distinct client_id) as clients from (
    select client_id, service as to_service, lag(service) over w as from_service,
           start_date - lag(start_date) over w as gap
    from contacts
    window w as (partition by client_id order by start_date, start_time nulls last, service, contact_id)) as c
where from_service <> to_service and gap <= 90
group by from_service, to_service order by from_service, to_service
