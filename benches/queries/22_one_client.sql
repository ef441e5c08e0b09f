-- One client's history.
select start_date, start_time, service, provider, cost_cents, contact_id from contacts
where client_id = {client} order by start_date, start_time nulls last, service, contact_id
