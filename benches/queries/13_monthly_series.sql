-- Contacts and clients by month and sector.
select date_trunc('month', start_date)::date as month, sector, count(*) as contacts, count(distinct client_id) as clients
from contacts join services on contacts.service = services.service
group by 1, sector order by 1, sector
