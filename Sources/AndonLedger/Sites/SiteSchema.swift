/// What sites forward (docs/sites.md), and where forwarding stands on a site's own server.
enum SiteSchema {
    /// `site_batch` is the fact: each batch as it came. The other tables of sites are made from batches, for lists and sums;
    /// `history` counts the ledgers that a site began anew. `upstream` is a site's own note of what was acknowledged.
    static let schema = """
        CREATE TABLE site (
            name TEXT PRIMARY KEY, history INTEGER NOT NULL, position INTEGER NOT NULL, peaks BLOB NOT NULL,
            first_at INTEGER NOT NULL, contact_at INTEGER NOT NULL, told_size INTEGER NOT NULL, told_at INTEGER NOT NULL,
            oldest_at INTEGER, standing TEXT NOT NULL, checkpoint TEXT, checkpoint_size INTEGER,
            is_signed INTEGER NOT NULL DEFAULT 0, refused_at INTEGER, refusal TEXT);
        CREATE TABLE site_batch (
            id INTEGER PRIMARY KEY, site TEXT NOT NULL, history INTEGER NOT NULL, first INTEGER NOT NULL,
            next INTEGER NOT NULL, received_at INTEGER NOT NULL, document TEXT NOT NULL);
        CREATE UNIQUE INDEX site_batch_place ON site_batch (site, history, first);
        CREATE TABLE site_report (
            site TEXT NOT NULL, id TEXT NOT NULL, history INTEGER NOT NULL, number INTEGER NOT NULL, batch INTEGER NOT NULL,
            detected_at INTEGER NOT NULL, asset TEXT NOT NULL, camera TEXT NOT NULL, lot TEXT, picture TEXT,
            defects INTEGER NOT NULL, inspected INTEGER NOT NULL, PRIMARY KEY (site, id));
        CREATE UNIQUE INDEX site_report_number ON site_report (site, history, number);
        CREATE TABLE site_detection (
            site TEXT NOT NULL, report TEXT NOT NULL, ordinal INTEGER NOT NULL, history INTEGER NOT NULL,
            class TEXT NOT NULL, outcome TEXT NOT NULL, reference TEXT, reason TEXT NOT NULL,
            PRIMARY KEY (site, report, ordinal));
        CREATE INDEX site_detection_order ON site_detection (site, reference) WHERE reference IS NOT NULL;
        CREATE INDEX site_detection_outcome ON site_detection (site, history, outcome);
        CREATE TABLE site_order (
            site TEXT NOT NULL, reference TEXT NOT NULL, history INTEGER NOT NULL, number INTEGER NOT NULL,
            asset TEXT NOT NULL, class TEXT NOT NULL, kind TEXT NOT NULL, priority INTEGER NOT NULL,
            delivery TEXT NOT NULL, state TEXT NOT NULL, raised_at INTEGER NOT NULL, report TEXT NOT NULL,
            connector TEXT NOT NULL, remote_number TEXT, ended_at INTEGER, document TEXT NOT NULL,
            PRIMARY KEY (site, reference));
        CREATE INDEX site_order_raised ON site_order (raised_at, reference);
        CREATE INDEX site_order_site ON site_order (site, raised_at, reference);
        CREATE TABLE site_frames (
            site TEXT NOT NULL, id TEXT NOT NULL, history INTEGER NOT NULL, inspected INTEGER NOT NULL,
            PRIMARY KEY (site, id));
        CREATE TABLE site_picture (
            site TEXT NOT NULL, sha256 TEXT NOT NULL, history INTEGER NOT NULL, number INTEGER NOT NULL,
            bytes INTEGER NOT NULL, media_type TEXT NOT NULL, state TEXT NOT NULL, came_at INTEGER,
            PRIMARY KEY (site, sha256));
        CREATE INDEX site_picture_wanted ON site_picture (site, number) WHERE state = 'wanted';
        CREATE INDEX site_picture_came ON site_picture (came_at) WHERE state = 'kept';
        CREATE TABLE upstream (
            one INTEGER PRIMARY KEY CHECK (one = 1), keeps INTEGER NOT NULL, acknowledged INTEGER NOT NULL,
            pictures_to INTEGER NOT NULL, pictures_seq INTEGER NOT NULL, contact_at INTEGER);
        """
}
