-- How many services do clients use in a year?
select services, count(*) as clients, sum(contacts) as contacts from (
    select client_id, count(distinct service) as services, count(*) as contacts
    from contacts where start_date between date '2013-01-01' and date '2013-12-31' group by client_id) as c
group by services order by services
