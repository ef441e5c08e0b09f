-- What does a contact of each service cost?
select service, count(cost_cents) as priced, median(cost_cents) as median_cents, max(cost_cents) as highest
from contacts group by service order by service
