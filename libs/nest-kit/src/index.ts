/** What every service over HTTP shares: its server, its log, its way to read requests and to tell problems. */
export { createLog, type Log, type LogLine, type LogStream } from './log/log.ts';
export { isProblemCode, problemBody, ProblemError, type ProblemExtras, type SchemaFault } from './problem/problem-error.ts';
export { problemOf } from './problem/problem-of.ts';
export { ProblemFilter } from './problem/problem-filter.ts';
export { requestIdOf, traceOf } from './requests/first-look.ts';
export { BODY_BYTES_MAX, JsonBody, readJson } from './requests/json-body.ts';
export { OpenAnswers } from './requests/open-answers.ts';
export { fit, SchemaPipe } from './requests/schema-pipe.ts';
export { sendJson, sendText } from './requests/send-json.ts';
export { startHttpServer, type HttpServer, type HttpServerOptions } from './server/http-server.ts';
export { RouteTable, type ServedRoute } from './server/route-table.ts';
