-- Through which service do clients come?
select service, count(*) as clients from (
    select service, row_number() over (
        partition by client_id order by start_date, start_time nulls last, service, contact_id) as n
    from contacts) as c
where n = 1 group by service order by service
