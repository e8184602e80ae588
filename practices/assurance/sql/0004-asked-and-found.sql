-- who asked, by whichever server, that the scan that goes on ends
alter table assurance.scans add column stop_asked text;

-- by which names records know a weakness: VEX goes by any of them
create index advisories_aliases on assurance.advisories using gin ((body -> 'aliases')) where feed = 'osv';
-- of which part, in which version
create index findings_of_part on assurance.findings (place, part_version) where test_id is null;
