-- Clients with four or more emergency contacts a year, and their share of them.
select band, count(*) as clients, sum(visits) as visits from (
    select visits, case when visits >= 10 then '10+' when visits >= 4 then '4-9' else '1-3' end as band from (
        select client_id, count(*) as visits from contacts
        where urgency = 'emergency' and start_date between date '2014-01-01' and date '2014-12-31'
        group by client_id) as c) as b
group by band order by band
