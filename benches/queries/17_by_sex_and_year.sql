-- Use and cost by sex and birth decade.
select sex, cast(floor(extract(year from birth_date) / 10) as bigint) * 10 as decade, count(*) as contacts,
       count(distinct contacts.client_id) as clients, sum(cost_cents) as cost_cents
from contacts join clients on contacts.client_id = clients.client_id
where birth_date is not null group by 1, 2 order by 1, 2
