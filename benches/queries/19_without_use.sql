-- Residents without any contact in a quarter.
select sex, count(*) as clients from clients
where not exists (select 1 from contacts where contacts.client_id = clients.client_id
                  and start_date between date '2014-10-01' and date '2014-12-31')
group by sex order by sex
