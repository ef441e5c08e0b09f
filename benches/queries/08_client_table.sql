-- One row a client: the table that most studies begin with.
select client_id, count(*) as contacts, count(distinct service) as services, sum(cost_cents) as cost_cents,
       min(start_date) as first, max(start_date) as last
from contacts group by client_id order by client_id
