/** The internal modules that tests import. Each is named here and nowhere else, so that a move is one line. */
export { parseArguments, parseListen, wrapped } from '../../pkg-template/dist/node/cli/arguments.js';
export { COMMANDS } from '../../pkg-template/dist/node/cli/commands.js';
export { configurationText } from '../../pkg-template/dist/node/cli/config-file.js';
export { importCntlm, importPx } from '../../pkg-template/dist/node/cli/config-import.js';
export { parseConfiguration, usualPlace } from '../../pkg-template/dist/node/cli/configuration.js';
export { diffLines, setInSection, setProperty, setYaml } from '../../pkg-template/dist/node/cli/setup/edit.js';
export { TOOLS } from '../../pkg-template/dist/node/cli/setup/tools.js';
export { serviceManager } from '../../pkg-template/dist/node/cli/service/manager.js';
export { CONFIGURABLE, SETTINGS, VARIABLES } from '../../pkg-template/dist/node/cli/settings.js';
export { ExitCode } from '../../pkg-template/dist/node/cli/exit-codes.js';
export { toolProxy } from '../../pkg-template/dist/node/cli/tool-settings.js';
export { progressLine } from '../../pkg-template/dist/node/cli/progress-bar.js';
export { commandEnvironment, withhold } from '../../pkg-template/dist/node/cli/run/environment.js';
export { certificatesOfStore, nonProxyHosts, trustStore } from '../../pkg-template/dist/node/cli/run/settings/java.js';
export { pemBlocks } from '../../pkg-template/dist/node/cli/run/trust.js';
export { windowsCommand } from '../../pkg-template/dist/node/cli/run/windows-command.js';
export { printable, printableJson, usesColour } from '../../pkg-template/dist/node/cli/terminal.js';
export { AuthRegistry } from '../../pkg-template/dist/node/auth/registry.js';
export { firstLeg, OutgoingRequest } from '../../pkg-template/dist/node/connection/outgoing-request.js';
export { attemptKey, credentialIdentity, CredentialStore } from '../../pkg-template/dist/node/credentials/index.js';
export { accountName } from '../../pkg-template/dist/node/credentials/identity.js';
export { conclude } from '../../pkg-template/dist/node/diagnose/conclusions.js';
export { durationInWords, skewInWords } from '../../pkg-template/dist/node/diagnose/duration.js';
export { finding } from '../../pkg-template/dist/node/diagnose/findings.js';
export { FINDING_IDS } from '../../pkg-template/dist/node/diagnose/index.js';
export { troubleOf } from '../../pkg-template/dist/node/diagnose/observations.js';
export { pageInWords, pageOf } from '../../pkg-template/dist/node/diagnose/page.js';
export { probe } from '../../pkg-template/dist/node/diagnose/probe.js';
export {
  fieldOf,
  inAbsoluteForm,
  methodOf,
  requestBodyFraming,
  targetOf,
  withCookies,
  withField,
} from '../../pkg-template/dist/node/http1/request-head.js';
export { ResponseReader, statusOf } from '../../pkg-template/dist/node/http1/response.js';
export { nearest } from '../../pkg-template/dist/node/nearest.js';
export { readEnvironment } from '../../pkg-template/dist/node/routes/environment.js';
export { createRouteResolver } from '../../pkg-template/dist/node/routes/index.js';
export { parseNoProxy } from '../../pkg-template/dist/node/routes/no-proxy.js';
export { parsePacResult } from '../../pkg-template/dist/node/routes/pac-result.js';
export { parseProxyUrl } from '../../pkg-template/dist/node/routes/proxy-url.js';
export { routeName } from '../../pkg-template/dist/node/routes/route.js';
export { parseGsettings, parseRegistry, parseScutil } from '../../pkg-template/dist/node/routes/system-settings.js';
export { ownFolders, systemRoutes, winHttpRoutes } from '../../pkg-template/dist/node/routes/system.js';
export { dnsDomains, wpadRoutes } from '../../pkg-template/dist/node/routes/wpad.js';
export { createServerMatcher } from '../../pkg-template/dist/node/server-list.js';
export { selfSignedCertificate } from '../../pkg-template/dist/node/server/certificate.js';
export { findAddon, loadAddon } from '../../pkg-template/dist/node/system-addon.js';
export { preload } from '../../pkg-template/dist/node/preload.js';
export { isSameUser, knowsSocketOwners, listedOwner, ownerIn } from '../../pkg-template/dist/node/proxy/same-user.js';
export { parseAccess } from '../../pkg-template/dist/node/proxy/access.js';
