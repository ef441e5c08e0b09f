-- The twenty most common sets of services.
select service_set, count(*) as clients from (
    select client_id, string_agg(service, '+' order by service) as service_set from (
        select distinct client_id, service from contacts
        where start_date between date '2014-06-01' and date '2014-06-30') as s
    group by client_id) as c
group by service_set order by clients desc, service_set limit 20
