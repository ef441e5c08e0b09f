# Rscript rpostgres.R HOST PORT USER PASSWORD DATABASE CERTIFICATE
at <- commandArgs(trailingOnly = TRUE)
con <- DBI::dbConnect(RPostgres::Postgres(), host = at[1], port = as.integer(at[2]), user = at[3], password = at[4],
                      dbname = at[5], sslmode = "verify-full", sslrootcert = at[6])
stopifnot("contacts" %in% DBI::dbListTables(con))
print(DBI::dbListFields(con, DBI::Id(schema = "store", table = "clients")))
n <- DBI::dbGetQuery(con, "select count(*) as n from contacts where start_date >= $1 and ($2::text is null or service = $2)",
                     params = list(as.Date("2013-01-01"), NA_character_))
print(n)
print(dplyr::collect(head(dplyr::count(dplyr::tbl(con, dbplyr::in_schema("store", "contacts")), service), 3)))
print(nrow(DBI::dbReadTable(con, DBI::Id(schema = "store", table = "contacts"))))
DBI::dbDisconnect(con)
