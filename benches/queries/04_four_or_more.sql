-- Who uses at least four services, and what do they cost?
select count(*) as clients, sum(contacts) as contacts, sum(cost_cents) as cost_cents from (
    select client_id, count(*) as contacts, sum(cost_cents) as cost_cents
    from contacts where start_date between date '2014-01-01' and date '2014-12-31'
    group by client_id having count(distinct service) >= 4) as c
