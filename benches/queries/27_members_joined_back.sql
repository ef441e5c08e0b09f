-- The contacts of a cohort's members, by service and mode.
select c.service, c.mode, count(*) as contacts, sum(c.cost_cents) as cost_cents
from heavy_users.members as m join contacts as c on m.client_id = c.client_id
where m.period = '2013' and c.start_date between date '2013-01-01' and date '2013-12-31'
group by c.service, c.mode order by c.service, c.mode
