/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the machine: socket, group, library, p11-kit, OpenSSL, clock, kernel. */
#include "host/cli/check.h"
#include "host/cli/place.h"

#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <openssl/crypto.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

enum { GROUPS_ROOM = 256, NAME_ROOM = 512, YEAR_OF_RELEASE = 2026 };

static const char *socket_path(struct cli *cli) {
    const char *address = client_address(cli->module);
    return strncmp(address, "unix:", 5) == 0 ? address + 5 : address;
}

static const char *start_command(void) {
    return access("/run/systemd/system", F_OK) == 0
               ? "systemctl enable --now edgehsmd"
               : "edgehsmd --state /var/lib/edgehsm --socket /run/edgehsm/module.sock";
}

void check_socket(struct cli *cli, struct check *check) {
    const char *path = socket_path(cli);
    struct stat facts;
    if (stat(path, &facts) != 0) {
        check_say(check, CHECK_FAIL, start_command(), "%s: %s", path, strerror(errno));
    } else if (!S_ISSOCK(facts.st_mode)) {
        check_say(check, CHECK_FAIL, "give the module's socket: --module unix:PATH",
                  "%s is not a socket", path);
    } else if (access(path, R_OK | W_OK) != 0) {
        check_say(check, CHECK_FAIL, "usermod -aG edgehsm USER, then log in anew",
                  "%s: this user may not connect (mode %04o)", path,
                  (unsigned)(facts.st_mode & 07777));
    } else if ((facts.st_mode & 0002) != 0) {
        check_say(check, CHECK_WARN, "give edgehsmd a --group, so that only its members connect",
                  "%s: every user of the machine may connect", path);
    } else {
        check_say(check, CHECK_OK, "", "%s, mode %04o", path, (unsigned)(facts.st_mode & 07777));
    }
}

void check_group(struct cli *cli, struct check *check) {
    gid_t groups[GROUPS_ROOM];
    const struct group *group = getgrnam("edgehsm");
    const struct passwd *user = getpwuid(getuid());
    const char *name = user ? user->pw_name : "USER";
    char mend[128];
    (void)cli;
    if (!group) {
        check_say(check, CHECK_WARN, "groupadd --system edgehsm",
                  "there is no group edgehsm: access is by user or PIN only");
        return;
    }
    int count = getgroups(GROUPS_ROOM, groups);
    bool member = getegid() == group->gr_gid;
    for (int i = 0; i < count; i++) {
        member = member || groups[i] == group->gr_gid;
    }
    if (member) {
        check_say(check, CHECK_OK, "", "%s is in the group edgehsm", name);
    } else {
        snprintf(mend, sizeof(mend), "usermod -aG edgehsm %s, then log in anew", name);
        check_say(check, getuid() == 0 ? CHECK_OK : CHECK_WARN, getuid() == 0 ? "" : mend,
                  "%s is not in the group edgehsm", name);
    }
}

void check_library(struct cli *cli, struct check *check) {
    const char *path = place_library();
    (void)cli;
    if (access(path, R_OK) != 0) {
        check_say(check, CHECK_FAIL, "./run install (in the source tree)", "%s: %s", path,
                  strerror(errno));
        return;
    }
    void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    if (!library || !dlsym(library, "C_GetFunctionList")) {
        const char *why = dlerror();
        check_say(check, CHECK_FAIL, "./run install (in the source tree)", "%s does not load: %s",
                  path, why ? why : "not a PKCS#11 library");
    } else {
        check_say(check, CHECK_OK, "", "%s loads", path);
    }
    if (library) {
        dlclose(library);
    }
}

void check_module_file(struct cli *cli, struct check *check) {
    static const char *const folders[] = {EHSM_P11_MODULES, "/usr/share/p11-kit/modules",
                                          "/etc/pkcs11/modules"};
    char path[NAME_ROOM];
    (void)cli;
    for (size_t i = 0; i < COUNT(folders); i++) {
        snprintf(path, sizeof(path), "%s/edgehsm.module", folders[i]);
        if (access(path, R_OK) == 0) {
            check_say(check, CHECK_OK, "", "%s", path);
            return;
        }
    }
    check_say(check, CHECK_WARN, "./run install (in the source tree)",
              "no edgehsm.module in %s: programs need the library's path instead of a pkcs11: URI",
              EHSM_P11_MODULES);
}

/* What OpenSSL says of itself: NAME: "/usr/lib/...". */
static bool openssl_has(int folder, const char *file, char path[NAME_ROOM]) {
    const char *quoted = OpenSSL_version(folder);
    const char *from = strchr(quoted, '"');
    size_t length = from ? strcspn(from + 1, "\"") : 0;
    snprintf(path, NAME_ROOM, "%.*s/%s", (int)length, from ? from + 1 : "", file);
    return access(path, R_OK) == 0;
}

void check_engine(struct cli *cli, struct check *check) {
    char path[NAME_ROOM];
    (void)cli;
    if (openssl_has(OPENSSL_ENGINES_DIR, "pkcs11.so", path)) {
        check_say(check, CHECK_OK, "", "%s", path);
    } else {
        check_say(check, CHECK_WARN, "apt-get install libengine-pkcs11-openssl",
                  "programs that want an engine (curl --engine) need libp11's, which is not there");
    }
}

void check_provider(struct cli *cli, struct check *check) {
    char path[NAME_ROOM];
    (void)cli;
    if (openssl_has(OPENSSL_MODULES_DIR, "edgehsm.so", path)) {
        check_say(check, CHECK_OK, "", "%s", path);
    } else {
        check_say(check, CHECK_WARN, "apt-get install edgehsm-openssl, or ./run install",
                  "openssl, curl and nginx need it for edgehsm: and pkcs11: URIs; %s is not there",
                  path);
    }
}

void check_clock(struct cli *cli, struct check *check) {
    struct timex clock = {.modes = 0};
    time_t now = time(NULL);
    struct tm parts = {0};
    (void)cli;
    gmtime_r(&now, &parts);
    if (parts.tm_year + 1900 < YEAR_OF_RELEASE) {
        check_say(check, CHECK_FAIL, "date -s ..., or start a time service",
                  "the clock says %d: the log's times and certificates will be wrong",
                  parts.tm_year + 1900);
    } else if (adjtimex(&clock) == TIME_ERROR) {
        check_say(check, CHECK_WARN, "systemctl enable --now systemd-timesyncd",
                  "the clock is plausible but nothing keeps it right");
    } else {
        check_say(check, CHECK_OK, "", "plausible and synchronised");
    }
}

void check_memory(struct cli *cli, struct check *check) {
    long fd = syscall(SYS_memfd_secret, 0);
    (void)cli;
    if (fd >= 0) {
        close((int)fd);
        check_say(check, CHECK_OK, "", "memfd_secret: keys are out of reach of /proc/PID/mem");
    } else {
        check_say(check, CHECK_WARN, "boot with secretmem.enable=1 (kernel 5.14 or newer)",
                  "memfd_secret is not there (%s): keys lie in locked memory instead",
                  strerror(errno));
    }
}

void check_landlock(struct cli *cli, struct check *check) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
    (void)cli;
    if (version > 0) {
        check_say(check, CHECK_OK, "", "Landlock version %ld: the daemon sees only its own files",
                  version);
    } else {
        check_say(check, CHECK_WARN, "boot with lsm=landlock,... (kernel 5.13 or newer)",
                  "Landlock is not there: the daemon's files are kept apart by permissions only");
    }
}
