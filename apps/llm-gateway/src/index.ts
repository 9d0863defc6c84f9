export { createModelHandler, ProviderError, type ModelHandler, type ModelHandlerOptions } from './models/model-handler.ts';
export type { ModelProvider, ModelRequest } from './models/model-provider.ts';
export { openAiCompatibleProvider, ProviderConfigurationError, type OpenAiCompatibleOptions } from './openai-compatible/openai-compatible-provider.ts';
export { recordedProvider, type RecordedProviderOptions } from './recorded/recorded-provider.ts';
