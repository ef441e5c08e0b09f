-- How much is each service used?
select service, count(*) as contacts, sum(cost_cents) as cost_cents, min(start_date) as first, max(start_date) as last
from contacts group by service order by service
