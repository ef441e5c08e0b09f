-- The reasons that most people come for.
select reason, count(distinct client_id) as clients, count(*) as contacts from contacts
group by reason order by clients desc, reason limit 20
