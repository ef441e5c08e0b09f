-- Which service saw the client last, and how long ago?
select service, count(*) as clients, sum(date '2014-12-31' - start_date) as days from (
    select service, start_date, row_number() over (
        partition by client_id order by start_date desc, start_time desc nulls first, service desc, contact_id desc) as n
    from contacts) as c
where n = 1 group by service order by service
