import java.sql.*; import java.util.*;
public class Meta { public static void main(String[] a) throws Exception {
  Properties p = new Properties(); p.put("user", a[1]); p.put("password", a[2]); p.put("ssl","true"); p.put("sslmode","require");
  try (Connection c = DriverManager.getConnection(a[0], p)) {
    DatabaseMetaData m = c.getMetaData();
    System.out.println(m.getDatabaseProductName()+" "+m.getDatabaseProductVersion());
    ResultSet r = m.getSchemas(); while (r.next()) System.out.print(r.getString(1)+" "); System.out.println();
    r = m.getTables(null,"store","%",null); int n=0; while(r.next()) { n++; if(n<3) System.out.println(r.getString("TABLE_NAME")+" "+r.getString("TABLE_TYPE")+" "+r.getString("REMARKS")); } System.out.println(n);
    r = m.getColumns(null,"store","contacts","%"); n=0; while(r.next()) { n++; if(n<3) System.out.println(r.getString("COLUMN_NAME")+" "+r.getString("TYPE_NAME")+" "+r.getString("REMARKS")); } System.out.println(n);
    try { r = m.getPrimaryKeys(null,"store","contacts"); n=0; while(r.next()) n++; System.out.println("pk "+n);} catch(SQLException e){System.out.println("pk "+e.getMessage());}
    try { r = m.getImportedKeys(null,"store","contacts"); n=0; while(r.next()) n++; System.out.println("fk "+n);} catch(SQLException e){System.out.println("fk "+e.getMessage());}
    try { r = m.getIndexInfo(null,"store","contacts",false,false); n=0; while(r.next()) n++; System.out.println("ix "+n);} catch(SQLException e){System.out.println("ix "+e.getMessage());}
    try { r = m.getTypeInfo(); n=0; while(r.next()) n++; System.out.println("types "+n);} catch(SQLException e){System.out.println("types "+e.getMessage());}
    try { r = m.getFunctions(null,null,"%"); n=0; while(r.next()) n++; System.out.println("functions "+n);} catch(SQLException e){System.out.println("fn "+e.getMessage());}
    c.setAutoCommit(false);
    PreparedStatement s = c.prepareStatement("select contact_id, service, start_date from contacts where start_date >= ? and (? is null or service = ?) order by contact_id");
    s.setDate(1, java.sql.Date.valueOf("2013-01-01")); s.setNull(2, Types.VARCHAR); s.setNull(3, Types.VARCHAR); s.setFetchSize(1000);
    r = s.executeQuery(); n=0; while(r.next()) n++; System.out.println("rows "+n);
    Statement q = c.createStatement(); 
    new Thread(() -> { try { Thread.sleep(500); q.cancel(); } catch(Exception e){} }).start();
    long t=System.currentTimeMillis(); try { q.executeQuery("select count(*) from contacts a cross join contacts b where a.contact_id < b.contact_id"); System.out.println("not cancelled"); } catch(SQLException e){ System.out.println(e.getSQLState()+" "+(System.currentTimeMillis()-t-500)+" ms"); }
    c.rollback();
  } } }
