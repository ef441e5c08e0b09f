-- When do emergencies come?
select cast(extract(isodow from start_date) as bigint) as weekday, cast(extract(hour from start_time) as bigint) as hour,
       count(*) as contacts
from contacts where urgency = 'emergency' and start_time is not null group by 1, 2 order by 1, 2
