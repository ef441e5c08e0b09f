//! Which tables the catalogue has, with the names and kinds of their columns.
//!
//! Kinds: `o` number of something, `i` whole number, `s` short one, `l` long one, `f` with decimals, `b` true or false, `t`
//! text, `T` texts, `S` short numbers.

/// Tables of the catalogue with numbers that never change, for what describes them by number.
pub(super) const NUMBERED: &[(u32, &str)] = &[
    (1247, "pg_type"),
    (1249, "pg_attribute"),
    (1255, "pg_proc"),
    (1259, "pg_class"),
    (1262, "pg_database"),
    (2606, "pg_constraint"),
    (2612, "pg_language"),
    (2615, "pg_namespace"),
    (2616, "pg_opclass"),
    (2618, "pg_rewrite"),
    (2620, "pg_trigger"),
    (2753, "pg_opfamily"),
];

pub(super) const SYSTEM: &[(&str, &str)] = &[
    ("pg_namespace", "oid:o nspname:t nspowner:o nspacl:T"),
    (
        "pg_class",
        "tableoid:o oid:o relname:t relnamespace:o reltype:o reloftype:o relowner:o relam:o relfilenode:o reltablespace:o relpages:i \
         reltuples:f relallvisible:i reltoastrelid:o relhasindex:b relisshared:b relpersistence:t relkind:t relnatts:s \
         relchecks:s relhasrules:b relhastriggers:b relhassubclass:b relrowsecurity:b relforcerowsecurity:b \
         relispopulated:b relreplident:t relispartition:b relrewrite:o relacl:T reloptions:T relpartbound:t",
    ),
    (
        "pg_attribute",
        "attrelid:o attname:t atttypid:o attstattarget:i attlen:s attnum:s attndims:i atttypmod:i attbyval:b attalign:t \
         attstorage:t attcompression:t attnotnull:b atthasdef:b atthasmissing:b attidentity:t attgenerated:t \
         attisdropped:b attislocal:b attinhcount:i attcollation:o attacl:T attoptions:T attfdwoptions:T",
    ),
    (
        "pg_type",
        "tableoid:o oid:o typname:t typnamespace:o typowner:o typlen:s typbyval:b typtype:t typcategory:t typispreferred:b \
         typisdefined:b typdelim:t typrelid:o typelem:o typarray:o typinput:t typoutput:t typreceive:t typsend:t \
         typalign:t typstorage:t typnotnull:b typbasetype:o typtypmod:i typndims:i typcollation:o typdefault:t typacl:T",
    ),
    ("pg_description", "objoid:o classoid:o objsubid:i description:t"),
    ("pg_shdescription", "objoid:o classoid:o description:t"),
    (
        "pg_database",
        "oid:o datname:t datdba:o encoding:i datlocprovider:t datistemplate:b datallowconn:b datconnlimit:i \
         dattablespace:o datcollate:t datctype:t daticulocale:t datacl:T",
    ),
    (
        "pg_roles",
        "oid:o rolname:t rolsuper:b rolinherit:b rolcreaterole:b rolcreatedb:b rolcanlogin:b rolreplication:b \
         rolconnlimit:i rolvaliduntil:t rolbypassrls:b rolconfig:T",
    ),
    ("pg_user", "usename:t usesysid:o usecreatedb:b usesuper:b userepl:b usebypassrls:b"),
    ("pg_auth_members", "roleid:o member:o grantor:o admin_option:b"),
    (
        "pg_settings",
        "name:t setting:t unit:t category:t short_desc:t extra_desc:t context:t vartype:t source:t min_val:t max_val:t \
         enumvals:T boot_val:t reset_val:t sourcefile:t sourceline:i pending_restart:b",
    ),
    ("pg_am", "oid:o amname:t amhandler:t amtype:t"),
    ("pg_tablespace", "oid:o spcname:t spcowner:o spcacl:T spcoptions:T"),
    (
        "pg_collation",
        "oid:o collname:t collnamespace:o collowner:o collprovider:t collisdeterministic:b collencoding:i collcollate:t \
         collctype:t colliculocale:t",
    ),
    (
        "pg_language",
        "tableoid:o oid:o lanname:t lanowner:o lanispl:b lanpltrusted:b lanplcallfoid:o laninline:o lanvalidator:o lanacl:T",
    ),
    (
        "pg_proc",
        "tableoid:o oid:o proname:t pronamespace:o proowner:o prolang:o procost:f prorows:f provariadic:o prokind:t prosecdef:b \
         proleakproof:b proisstrict:b proretset:b provolatile:t proparallel:t pronargs:s pronargdefaults:s prorettype:o \
         proargtypes:S proallargtypes:S proargmodes:T proargnames:T prosrc:t proacl:T",
    ),
    (
        "pg_tables",
        "schemaname:t tablename:t tableowner:t tablespace:t hasindexes:b hasrules:b hastriggers:b rowsecurity:b",
    ),
    ("pg_views", "schemaname:t viewname:t viewowner:t definition:t"),
    ("pg_matviews", "schemaname:t matviewname:t matviewowner:t tablespace:t hasindexes:b ispopulated:b definition:t"),
    ("pg_indexes", "schemaname:t tablename:t indexname:t tablespace:t indexdef:t"),
    ("pg_sequences", "schemaname:t sequencename:t sequenceowner:t data_type:t start_value:l last_value:l"),
    ("pg_attrdef", "oid:o adrelid:o adnum:s adbin:t"),
    (
        "pg_index",
        "indexrelid:o indrelid:o indnatts:s indnkeyatts:s indisunique:b indnullsnotdistinct:b indisprimary:b \
         indisexclusion:b indimmediate:b indisclustered:b indisvalid:b indcheckxmin:b indisready:b indislive:b \
         indisreplident:b indkey:S indcollation:S indclass:S indoption:S indexprs:t indpred:t",
    ),
    (
        "pg_constraint",
        "tableoid:o oid:o conname:t connamespace:o contype:t condeferrable:b condeferred:b convalidated:b conrelid:o contypid:o \
         conindid:o conparentid:o confrelid:o confupdtype:t confdeltype:t confmatchtype:t conislocal:b coninhcount:i \
         connoinherit:b conkey:S confkey:S conbin:t",
    ),
    ("pg_inherits", "inhrelid:o inhparent:o inhseqno:i inhdetachpending:b"),
    ("pg_range", "rngtypid:o rngsubtype:o rngmultitypid:o rngcollation:o rngsubopc:o rngcanonical:t rngsubdiff:t"),
    ("pg_enum", "oid:o enumtypid:o enumsortorder:f enumlabel:t"),
    (
        "pg_trigger",
        "tableoid:o oid:o tgrelid:o tgparentid:o tgname:t tgfoid:o tgtype:s tgenabled:t tgisinternal:b tgconstraint:o tgdeferrable:b tginitdeferred:b tgnargs:s",
    ),
    ("pg_rewrite", "tableoid:o oid:o rulename:t ev_class:o ev_type:t ev_enabled:t is_instead:b"),
    ("pg_depend", "classid:o objid:o objsubid:i refclassid:o refobjid:o refobjsubid:i deptype:t"),
    ("pg_shdepend", "dbid:o classid:o objid:o objsubid:i refclassid:o refobjid:o deptype:t"),
    ("pg_sequence", "seqrelid:o seqtypid:o seqstart:l seqincrement:l seqmax:l seqmin:l seqcache:l seqcycle:b"),
    ("pg_policy", "oid:o polname:t polrelid:o polcmd:t polpermissive:b polroles:S polqual:t polwithcheck:t"),
    (
        "pg_publication",
        "oid:o pubname:t pubowner:o puballtables:b pubinsert:b pubupdate:b pubdelete:b pubtruncate:b pubviaroot:b",
    ),
    ("pg_publication_rel", "oid:o prpubid:o prrelid:o prqual:t prattrs:S"),
    ("pg_publication_namespace", "oid:o pnpubid:o pnnspid:o"),
    ("pg_subscription", "oid:o subdbid:o subname:t subowner:o subenabled:b"),
    (
        "pg_statistic_ext",
        "oid:o stxrelid:o stxname:t stxnamespace:o stxowner:o stxstattarget:i stxkeys:S stxkind:T stxexprs:t",
    ),
    ("pg_statistic_ext_data", "stxoid:o stxdinherit:b"),
    ("pg_stats", "schemaname:t tablename:t attname:t null_frac:f n_distinct:f"),
    ("pg_foreign_table", "ftrelid:o ftserver:o ftoptions:T"),
    ("pg_foreign_server", "oid:o srvname:t srvowner:o srvfdw:o srvtype:t srvversion:t srvacl:T srvoptions:T"),
    ("pg_foreign_data_wrapper", "oid:o fdwname:t fdwowner:o fdwhandler:o fdwvalidator:o fdwacl:T fdwoptions:T"),
    ("pg_user_mapping", "oid:o umuser:o umserver:o umoptions:T"),
    ("pg_partitioned_table", "partrelid:o partstrat:t partnatts:s partdefid:o partattrs:S"),
    ("pg_extension", "oid:o extname:t extowner:o extnamespace:o extrelocatable:b extversion:t"),
    ("pg_available_extensions", "name:t default_version:t installed_version:t comment:t"),
    ("pg_event_trigger", "oid:o evtname:t evtevent:t evtowner:o evtfoid:o evtenabled:t evttags:T"),
    ("pg_operator", "oid:o oprname:t oprnamespace:o oprowner:o oprkind:t oprleft:o oprright:o oprresult:o oprcode:t"),
    (
        "pg_opclass",
        "tableoid:o oid:o opcmethod:o opcname:t opcnamespace:o opcowner:o opcfamily:o opcintype:o opcdefault:b opckeytype:o",
    ),
    ("pg_opfamily", "tableoid:o oid:o opfmethod:o opfname:t opfnamespace:o opfowner:o"),
    (
        "pg_amop",
        "oid:o amopfamily:o amoplefttype:o amoprighttype:o amopstrategy:s amoppurpose:t amopopr:o amopmethod:o \
         amopsortfamily:o",
    ),
    ("pg_amproc", "oid:o amprocfamily:o amproclefttype:o amprocrighttype:o amprocnum:s amproc:o"),
    ("pg_aggregate", "aggfnoid:o aggkind:t aggnumdirectargs:s"),
    ("pg_cast", "oid:o castsource:o casttarget:o castfunc:o castcontext:t castmethod:t"),
    ("pg_conversion", "oid:o conname:t connamespace:o conowner:o"),
    ("pg_default_acl", "oid:o defaclrole:o defaclnamespace:o defaclobjtype:t defaclacl:T"),
    ("pg_seclabel", "objoid:o classoid:o objsubid:i provider:t label:t"),
    ("pg_ts_config", "oid:o cfgname:t cfgnamespace:o cfgowner:o"),
    ("pg_ts_dict", "oid:o dictname:t dictnamespace:o dictowner:o"),
    ("pg_ts_parser", "oid:o prsname:t prsnamespace:o"),
    ("pg_ts_template", "oid:o tmplname:t tmplnamespace:o tmplinit:o tmpllexize:o"),
    ("pg_largeobject_metadata", "oid:o lomowner:o lomacl:T"),
    ("pg_db_role_setting", "setdatabase:o setrole:o setconfig:T"),
    ("pg_parameter_acl", "oid:o parname:t paracl:T"),
    ("pg_user_mappings", "umid:o srvid:o srvname:t umuser:o usename:t umoptions:T"),
    ("pg_locks", "locktype:t database:o relation:o pid:i mode:t granted:b"),
    (
        "pg_stat_activity",
        "datid:o datname:t pid:i usesysid:o usename:t application_name:t state:t query:t backend_type:t",
    ),
    ("pg_stat_user_tables", "relid:o schemaname:t relname:t seq_scan:l n_live_tup:l n_dead_tup:l"),
    ("pg_timezone_names", "name:t abbrev:t is_dst:b"),
];

pub(super) const INFORMATION: &[(&str, &str)] = &[
    ("schemata", "catalog_name:t schema_name:t schema_owner:t default_character_set_name:t sql_path:t"),
    ("tables", "table_catalog:t table_schema:t table_name:t table_type:t is_insertable_into:t is_typed:t"),
    ("views", "table_catalog:t table_schema:t table_name:t view_definition:t check_option:t is_updatable:t"),
    (
        "columns",
        "table_catalog:t table_schema:t table_name:t column_name:t ordinal_position:i column_default:t is_nullable:t \
         data_type:t character_maximum_length:i character_octet_length:i numeric_precision:i numeric_precision_radix:i \
         numeric_scale:i datetime_precision:i interval_type:t character_set_name:t collation_name:t domain_name:t \
         udt_catalog:t udt_schema:t udt_name:t is_identity:t identity_generation:t is_generated:t \
         generation_expression:t is_updatable:t",
    ),
    (
        "table_constraints",
        "constraint_catalog:t constraint_schema:t constraint_name:t table_catalog:t table_schema:t table_name:t \
         constraint_type:t is_deferrable:t initially_deferred:t",
    ),
    (
        "key_column_usage",
        "constraint_catalog:t constraint_schema:t constraint_name:t table_catalog:t table_schema:t table_name:t \
         column_name:t ordinal_position:i position_in_unique_constraint:i",
    ),
    (
        "referential_constraints",
        "constraint_catalog:t constraint_schema:t constraint_name:t unique_constraint_catalog:t \
         unique_constraint_schema:t unique_constraint_name:t match_option:t update_rule:t delete_rule:t",
    ),
    (
        "constraint_column_usage",
        "table_catalog:t table_schema:t table_name:t column_name:t constraint_catalog:t constraint_schema:t constraint_name:t",
    ),
    (
        "table_privileges",
        "grantor:t grantee:t table_catalog:t table_schema:t table_name:t privilege_type:t is_grantable:t",
    ),
    (
        "column_privileges",
        "grantor:t grantee:t table_catalog:t table_schema:t table_name:t column_name:t privilege_type:t is_grantable:t",
    ),
    ("routines", "specific_schema:t specific_name:t routine_schema:t routine_name:t routine_type:t data_type:t"),
    ("parameters", "specific_schema:t specific_name:t ordinal_position:i parameter_name:t data_type:t"),
    ("sequences", "sequence_catalog:t sequence_schema:t sequence_name:t data_type:t"),
    ("triggers", "trigger_schema:t trigger_name:t event_object_schema:t event_object_table:t"),
    ("domains", "domain_catalog:t domain_schema:t domain_name:t data_type:t"),
    ("enabled_roles", "role_name:t"),
    ("applicable_roles", "grantee:t role_name:t is_grantable:t"),
];
