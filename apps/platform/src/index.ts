export { startPlatform, type Platform } from './platform.ts';
export { readSettings, parseCommand, SettingsError, type Settings } from './settings.ts';
export { openInstallation, openViews, InstallationError } from './installation.ts';
export { playSample, samplesOf, type Sample } from './samples.ts';
