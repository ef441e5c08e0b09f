-- What share of the cost does the costliest tenth have?
select count(*) as clients, sum(cost_cents) as cost_cents,
       sum(case when rank <= (n + 9) / 10 then cost_cents else 0 end) as top_cost_cents from (
    select cost_cents, row_number() over (order by cost_cents desc, client_id) as rank, count(*) over () as n from (
        select client_id, coalesce(sum(cost_cents), 0) as cost_cents from contacts group by client_id) as c) as r
