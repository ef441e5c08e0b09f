-- The totals of fifty clients of a pilot.
select client_id, count(*) as contacts, sum(cost_cents) as cost_cents, count(distinct service) as services from contacts
where client_id in ({clients}) group by client_id order by client_id
