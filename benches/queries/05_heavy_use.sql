-- Who uses at least four services, each at least three times?
select count(*) as clients from (
    select client_id from (
        select client_id, service from contacts where start_date between date '2014-01-01' and date '2014-12-31'
        group by client_id, service having count(*) >= 3) as s
    group by client_id having count(*) >= 4) as c
