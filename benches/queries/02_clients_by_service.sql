-- How many people does each service meet?
select service, count(distinct client_id) as clients from contacts group by service order by service
