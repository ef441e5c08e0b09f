-- The 30 clients with most contacts in each system.
select source, client_id, contacts, rank from (
    select source, client_id, contacts,
           row_number() over (partition by source order by contacts desc, client_id) as rank from (
        select source, client_id, count(*) as contacts from contacts group by source, client_id) as c) as r
where rank <= 30 order by source, rank
