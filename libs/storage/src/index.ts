export { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './postgres-server/embedded-postgres.ts';
export { runningPostgres } from './postgres-server/running-server.ts';
export { PostgresServerError, type PostgresServerErrorCode } from './postgres-server/postgres-server-error.ts';
export { openRunViews, PAGE_RUNS_MAX, RUN_VIEWS_PROJECTION, type RunViews, type RunFilter, type RunViewPage } from './run-views/run-views.ts';
export { ViewError, type ViewErrorCode } from './run-views/view-error.ts';
