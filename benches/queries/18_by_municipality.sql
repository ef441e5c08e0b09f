-- Cost by municipality, users and residents apart.
select municipality, count(*) as residents, count(contacts) as users, sum(contacts) as contacts, sum(cost_cents) as cost_cents
from clients left join (
    select client_id, count(*) as contacts, sum(cost_cents) as cost_cents from contacts
    where start_date between date '2013-01-01' and date '2013-12-31' group by client_id) as c
    on clients.client_id = c.client_id
group by municipality order by municipality
