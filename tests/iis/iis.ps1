# IIS on a Windows machine of one's own, as administrator: a site that asks for Windows authentication, plain and with
# TLS, and requires channel bindings on the latter (Extended Protection). Prints what tests/iis needs to know, in the
# form NAME=value. .github/workflows/native.yml runs this.

param([int] $Port = 13280, [int] $TlsPort = 13281)

$ErrorActionPreference = 'Stop'
$site = 'ntlm-wasm'
$folder = "C:\inetpub\$site"
$features = 'IIS-WebServerRole', 'IIS-WindowsAuthentication', 'IIS-ManagementScriptingTools'
Enable-WindowsOptionalFeature -Online -All -NoRestart -FeatureName $features | Out-Null
Import-Module WebAdministration

# An account of this machine, with a password that nobody knows beforehand.
$bytes = New-Object byte[] 18
[Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
$password = 'aA1!' + [Convert]::ToBase64String($bytes)
$user = 'ntlm-wasm-test'
if (Get-LocalUser -Name $user -ErrorAction SilentlyContinue) { Remove-LocalUser -Name $user }
New-LocalUser -Name $user -Password (ConvertTo-SecureString $password -AsPlainText -Force) | Out-Null

New-Item -ItemType Directory -Force $folder | Out-Null
[IO.File]::WriteAllText("$folder\page.txt", 'a page of IIS')
icacls $folder /grant 'Users:(OI)(CI)R' | Out-Null

$certificate = New-SelfSignedCertificate -DnsName localhost -CertStoreLocation Cert:\LocalMachine\My
$pem = "-----BEGIN CERTIFICATE-----`n" +
  [Convert]::ToBase64String($certificate.RawData, 'InsertLineBreaks') + "`n-----END CERTIFICATE-----`n"
[IO.File]::WriteAllText("$env:TEMP\$site.pem", $pem)

if (Get-Website -Name $site) { Remove-Website -Name $site }
New-Website -Name $site -Port $Port -IPAddress 127.0.0.1 -PhysicalPath $folder | Out-Null
New-WebBinding -Name $site -Protocol https -Port $TlsPort -IPAddress 127.0.0.1
(Get-WebBinding -Name $site -Protocol https).AddSslCertificate($certificate.Thumbprint, 'My')

# At the server's level, for this site: below it these sections are locked.
function Set-Authentication($section, $name, $value) {
  Set-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Location $site `
    -Filter "system.webServer/security/authentication/$section" -Name $name -Value $value
}
Set-Authentication anonymousAuthentication enabled $false
Set-Authentication windowsAuthentication enabled $true
Set-Authentication windowsAuthentication/extendedProtection tokenChecking Require
Start-Website -Name $site

"IIS_PLAIN=http://127.0.0.1:$Port"
"IIS_SECURE=https://127.0.0.1:$TlsPort"
"IIS_CA=$env:TEMP\$site.pem"
"IIS_USERNAME=$env:COMPUTERNAME\$user"
"IIS_PASSWORD=$password"
