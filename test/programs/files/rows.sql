.bail on
pragma journal_mode = wal;
create table sale(id integer primary key, good text not null, amount real, day integer, note text);
begin;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000)
insert into sale select i, 'good ' || (i * 7919 % 1009), (i * 104729 % 100003) / 100.0, i % 366, case when i % 13 = 0 then printf('%06x', i) end from n;
commit;
create index sale_good on sale(good, day);
select count(*), sum(amount), min(good), max(good), count(note) from sale;
select good, count(*), round(avg(amount), 3) from sale group by good order by 3 desc, 1 limit 5;
select day, total, rank() over (order by total desc) from (select day, sum(amount) as total from sale group by day) order by 3, 1 limit 4;
explain query plan select * from sale where good = 'good 12' and day between 3 and 90;
select count(*), sum(id) from sale where good = 'good 12' and day between 3 and 90;
begin; update sale set amount = amount * 2 where day < 30 and id < 100000; delete from sale where id < 100000 and id % 10 = 3; savepoint a; delete from sale; rollback to a; commit;
select count(*), sum(amount) from sale;
create virtual table words using fts5(t); insert into words select note from sale where note is not null and id < 200000; select count(*) from words where words match '000f*';
select json_group_array(g) from (select distinct good as g from sale order by good limit 4);
pragma integrity_check;
pragma page_count;
