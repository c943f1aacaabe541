/// Functions of SQLite's that statements of ours ask for and PostgreSQL lacks: they mean the same there
/// (<https://sqlite.org/json1.html>, <https://sqlite.org/lang_corefunc.html>).
///
/// A function in SQL is free where PostgreSQL can write its body into the statement, and planned anew at each run where it
/// cannot, as with a strict one whose body is not strict: those are in PL/pgSQL, which keeps its plans.
enum PostgresFunctions {
    static let script = """
        CREATE COLLATION IF NOT EXISTS nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);

        CREATE OR REPLACE FUNCTION json_path(path text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT string_to_array(replace(replace(substr(path, 3), ']', ''), '[', '.'), '.') $$;
        CREATE OR REPLACE FUNCTION json_extract(document text, path text) RETURNS text
            LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$ DECLARE
                found json := document::json #> json_path(path); BEGIN
            RETURN CASE json_typeof(found) WHEN 'null' THEN NULL
                WHEN 'boolean' THEN CASE found #>> '{}' WHEN 'true' THEN '1' ELSE '0' END ELSE found #>> '{}' END; END $$;
        CREATE OR REPLACE FUNCTION json_valid(document text) RETURNS boolean
            LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$ BEGIN
            RETURN document::json IS NOT NULL; EXCEPTION WHEN OTHERS THEN RETURN false; END $$;
        CREATE OR REPLACE FUNCTION json_each(document text) RETURNS TABLE (key bigint, value text)
            LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT number - 1, item #>> '{}' FROM json_array_elements(document::json) WITH ORDINALITY AS e (item, number) $$;
        CREATE OR REPLACE FUNCTION json_each(document text, path text) RETURNS TABLE (key bigint, value text)
            LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT number - 1, item #>> '{}' FROM json_array_elements(
                CASE json_typeof(document::json #> json_path(path)) WHEN 'array' THEN document::json #> json_path(path)
                ELSE '[]'::json END) WITH ORDINALITY AS e (item, number) $$;
        CREATE OR REPLACE FUNCTION json_remove(document text, path text) RETURNS text
            LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT CASE WHEN document::json #> json_path(path) IS NULL THEN document ELSE (
                SELECT '{' || coalesce(string_agg(to_json(key)::text || ':' || value::text, ',' ORDER BY number), '') || '}'
                FROM json_each(document::json) WITH ORDINALITY AS e (key, value, number)
                WHERE key <> substr(path, 3)) END $$;
        CREATE OR REPLACE FUNCTION json_set(document text, path text, new_value text) RETURNS text
            LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT CASE WHEN document::json #> json_path(path) IS NULL THEN
                (document::jsonb || jsonb_build_object(substr(path, 3), new_value))::text ELSE (
                SELECT '{' || string_agg(to_json(key)::text || ':'
                    || CASE key WHEN substr(path, 3) THEN to_json(new_value)::text ELSE value::text END, ',' ORDER BY number)
                    || '}' FROM json_each(document::json) WITH ORDINALITY AS e (key, value, number)) END $$;

        CREATE OR REPLACE FUNCTION strftime(format text, at text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
            SELECT extract(epoch FROM (at || 'Z')::timestamptz)::bigint::text $$;
        CREATE OR REPLACE FUNCTION instr(text, text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT strpos($1, $2) $$;
        CREATE OR REPLACE FUNCTION typeof(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
            SELECT CASE WHEN $1 IS NULL THEN 'null' WHEN $1 ~ '^-?[0-9]+$' THEN 'integer'
                WHEN $1 ~ '^-?[0-9.]+([eE][-+]?[0-9]+)?$' THEN 'real' ELSE 'text' END $$;
        CREATE OR REPLACE FUNCTION max(anycompatible, anycompatible) RETURNS anycompatible
            LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN greatest($1, $2) END $$;
        CREATE OR REPLACE FUNCTION min(anycompatible, anycompatible) RETURNS anycompatible
            LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN least($1, $2) END $$;
        CREATE OR REPLACE FUNCTION zeroblob(bigint) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT decode(repeat('00', $1::int), 'hex') $$;

        CREATE OR REPLACE FUNCTION same(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT $1 $$;
        CREATE OR REPLACE FUNCTION count_true(bigint, boolean) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT CASE WHEN $2 THEN coalesce($1, 0) + 1 WHEN $2 IS NULL THEN $1 ELSE coalesce($1, 0) END $$;
        CREATE OR REPLACE AGGREGATE sum(boolean) (SFUNC = count_true, STYPE = bigint);
        DO $$ BEGIN
            IF NOT EXISTS (SELECT 1 FROM pg_operator WHERE oprname = '+' AND oprleft = 0
                AND oprnamespace = current_schema()::regnamespace) THEN
                CREATE OPERATOR + (RIGHTARG = text, FUNCTION = same);
            END IF;
        END $$;
        """
}
