-- The newest 100 contacts.
select start_date, start_time, contact_id, client_id, service from contacts
where start_time is not null order by start_date desc, start_time desc, contact_id limit 100
