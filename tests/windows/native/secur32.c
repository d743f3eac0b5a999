/*
 * A secur32.dll that signs nobody on: it writes down what it is asked to do, a JSON object a line, to the file
 * %NTLM_SSPI_LOG%, and answers with fixed tokens (type 1 first, then type 3). With it a test sees the package, the
 * target, the flags and the channel bindings exactly as the system would get them, which no token of Wine's shows.
 *
 * It lies beside the addon and WINEDLLOVERRIDES=secur32=n makes Wine take it. Windows would not: there secur32 is a
 * known DLL, which is only ever loaded from the system's folder.
 */
#define SECURITY_WIN32
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <sspi.h>

static FILE *entry(const char *call) {
  const char *path = getenv("NTLM_SSPI_LOG");
  FILE *log = path ? fopen(path, "ab") : NULL;
  if (!log) abort();
  fprintf(log, "{\"call\":\"%s\"", call);
  return log;
}

static void end(FILE *log) {
  fputs("}\n", log);
  fclose(log);
}

/* `length` in characters; names and targets hold no control characters. */
static void text(FILE *log, const char *name, const wchar_t *value, int length) {
  char utf8[1024];
  if (!value) {
    fprintf(log, ",\"%s\":null", name);
    return;
  }
  int bytes = length ? WideCharToMultiByte(CP_UTF8, 0, value, length, utf8, sizeof utf8, NULL, NULL) : 0;
  fprintf(log, ",\"%s\":\"", name);
  for (int i = 0; i < bytes; i++) fprintf(log, utf8[i] == '"' || utf8[i] == '\\' ? "\\%c" : "%c", utf8[i]);
  fputc('"', log);
}

static int length_of(const wchar_t *value) { return value ? (int)wcslen(value) : 0; }

static SECURITY_STATUS answer(PSecBufferDesc output, ULONG *attributes, int first) {
  static const unsigned char type1[] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 1, 0, 0, 0, 7, 0x82, 8, 0xa2,
                                        0,   0,   0,   0,   0,   0,   0,   0, 0, 0, 0, 0, 0, 0,    0, 0,
                                        10,  0,   0xf4, 0x65, 0, 0,   0,   15};
  static const unsigned char type3[] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 3, 0, 0, 0};
  const unsigned char *token = first ? type1 : type3;
  ULONG length = first ? sizeof type1 : sizeof type3;
  for (ULONG i = 0; i < output->cBuffers; i++) {
    SecBuffer *buffer = output->pBuffers + i;
    if ((buffer->BufferType & ~SECBUFFER_ATTRMASK) != SECBUFFER_TOKEN) continue;
    /* Both ways of SSPI: a buffer of the caller's, or one that is allocated for it. */
    if (!buffer->pvBuffer) buffer->pvBuffer = malloc(length);
    else if (buffer->cbBuffer < length) return SEC_E_BUFFER_TOO_SMALL;
    memcpy(buffer->pvBuffer, token, length);
    buffer->cbBuffer = length;
  }
  if (attributes) *attributes = 0;
  return first ? SEC_I_CONTINUE_NEEDED : SEC_E_OK;
}

SECURITY_STATUS SEC_ENTRY spy_acquire(LPWSTR principal, LPWSTR package, ULONG use, void *logon, void *identity,
                                      SEC_GET_KEY_FN get, void *argument, PCredHandle handle, PTimeStamp expiry) {
  FILE *log = entry("AcquireCredentialsHandle");
  text(log, "principal", principal, length_of(principal));
  text(log, "package", package, length_of(package));
  fprintf(log, ",\"use\":%lu", use);
  const ULONG *version = identity;
  if (identity && *version == SEC_WINNT_AUTH_IDENTITY_VERSION) {
    const SEC_WINNT_AUTH_IDENTITY_EXW *given = identity;
    text(log, "user", given->User, given->UserLength);
    text(log, "domain", given->Domain, given->DomainLength);
    fprintf(log, ",\"passwordLength\":%lu,\"identityFlags\":%lu", given->PasswordLength, given->Flags);
  } else if (identity) {
    const SEC_WINNT_AUTH_IDENTITY_W *given = identity;
    text(log, "user", given->User, given->UserLength);
    text(log, "domain", given->Domain, given->DomainLength);
    fprintf(log, ",\"passwordLength\":%lu,\"identityFlags\":%lu", given->PasswordLength, given->Flags);
  }
  end(log);
  handle->dwLower = handle->dwUpper = 1;
  if (expiry) expiry->QuadPart = 0x7fffffffffffffffLL;
  return SEC_E_OK;
}

SECURITY_STATUS SEC_ENTRY spy_initialize(PCredHandle credentials, PCtxtHandle context, LPWSTR target, ULONG flags,
                                         ULONG reserved1, ULONG representation, PSecBufferDesc input, ULONG reserved2,
                                         PCtxtHandle made, PSecBufferDesc output, ULONG *attributes, PTimeStamp expiry) {
  FILE *log = entry("InitializeSecurityContext");
  int first = context == NULL;
  fprintf(log, ",\"first\":%s,\"flags\":%lu,\"representation\":%lu", first ? "true" : "false", flags, representation);
  text(log, "target", target, length_of(target));
  fputs(",\"input\":[", log);
  for (ULONG i = 0; input && i < input->cBuffers; i++) {
    const SecBuffer *buffer = input->pBuffers + i;
    fprintf(log, "%s{\"type\":%lu,\"bytes\":\"", i ? "," : "", buffer->BufferType);
    for (ULONG at = 0; at < buffer->cbBuffer; at++) fprintf(log, "%02x", ((const BYTE *)buffer->pvBuffer)[at]);
    fputs("\"}", log);
  }
  fputs("]", log);
  end(log);
  made->dwLower = made->dwUpper = 2;
  if (expiry) expiry->QuadPart = 0x7fffffffffffffffLL;
  return answer(output, attributes, first);
}

SECURITY_STATUS SEC_ENTRY spy_free_credentials(PCredHandle handle) {
  end(entry("FreeCredentialsHandle"));
  return SEC_E_OK;
}

SECURITY_STATUS SEC_ENTRY spy_delete_context(PCtxtHandle handle) {
  end(entry("DeleteSecurityContext"));
  return SEC_E_OK;
}

SECURITY_STATUS SEC_ENTRY spy_complete(PCtxtHandle handle, PSecBufferDesc token) { return SEC_E_OK; }

static SecPkgInfoW packages[] = {
    {SECPKG_FLAG_CONNECTION, 1, 9, 48256, (SEC_WCHAR *)L"Negotiate", (SEC_WCHAR *)L""},
    {SECPKG_FLAG_CONNECTION, 1, 10, 2888, (SEC_WCHAR *)L"NTLM", (SEC_WCHAR *)L""},
};

SECURITY_STATUS SEC_ENTRY spy_package(LPWSTR name, PSecPkgInfoW *found) {
  for (size_t i = 0; i < ARRAYSIZE(packages); i++)
    if (!wcscmp(packages[i].Name, name)) return *found = packages + i, SEC_E_OK;
  return SEC_E_SECPKG_NOT_FOUND;
}

SECURITY_STATUS SEC_ENTRY spy_packages(ULONG *count, PSecPkgInfoW *found) {
  *count = ARRAYSIZE(packages);
  *found = packages;
  return SEC_E_OK;
}

SECURITY_STATUS SEC_ENTRY spy_free_buffer(void *buffer) {
  if (buffer < (void *)packages || buffer >= (void *)(packages + ARRAYSIZE(packages))) free(buffer);
  return SEC_E_OK;
}

/* What is asked of a context apart from tokens: none of it is known here. */
SECURITY_STATUS SEC_ENTRY spy_unsupported(void) { return SEC_E_UNSUPPORTED_FUNCTION; }

/* Nobody's full name is known here. */
BOOLEAN WINAPI spy_user_name(int format, LPWSTR name, PULONG length) {
  SetLastError(ERROR_NONE_MAPPED);
  return FALSE;
}
