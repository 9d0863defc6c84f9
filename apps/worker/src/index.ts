export { ToolSchemaError } from './tools/argument-checker.ts';
export { createToolHandler, type ToolHandler, type ToolHandlerOptions } from './tools/tool-handler.ts';
