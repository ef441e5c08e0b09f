-- Who uses all three sectors?
select sectors, count(*) as clients, sum(cost_cents) as cost_cents from (
    select client_id, count(distinct sector) as sectors, sum(cost_cents) as cost_cents
    from contacts join services on contacts.service = services.service group by client_id) as c
group by sectors order by sectors
