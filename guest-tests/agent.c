/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PID 1 of the test guest: runs what the host asks for and tells what came
 * of it, over a virtio-serial port of its own.
 *
 * Host to guest, one header line and then the bytes it announces:
 *
 *   run ID TIMEOUT_MS MAX_OUTPUT STDIN_LEN ARGC LEN...\n ARGV STDIN
 *   kill ID\n
 *
 * Guest to host, JSON lines.  A byte of output is one code point (\u00xx
 * above 7f), so a line is ASCII whatever a command prints:
 *
 *   {"event":"ready","uptime_ms":N}
 *   {"id":N,"out":"..."}      {"id":N,"err":"..."}
 *   {"id":N,"exit":N,"signal":N,"timed_out":B,"truncated":B,"ms":N}
 *
 * Several commands may run at once.  Each is a process group of its own,
 * and whatever is left of the group dies with its leader.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT_NAME "org.qemu-spdm.agent"
#define MODULE_LIST "/lib/modules/list"

enum {
    MAX_JOBS = 16,
    MAX_ARGS = 256,
    MAX_HEADER = 8192,
    MAX_BODY = 16 << 20,
    CHUNK = 16384,
};

typedef struct Stream {
    int fd;
    const char *name;
    size_t sent;
} Stream;

typedef struct Job {
    bool used;
    unsigned long id;
    pid_t pid;
    bool reaped;
    bool timed_out;
    bool truncated;
    int status;
    long started;
    long deadline;
    size_t max_output;
    Stream out, err;
    int in_fd;
    char *body;         /* argv bytes and then stdin, as received */
    const char *in;
    size_t in_left;
} Job;

typedef struct Request {
    unsigned long id, timeout_ms, max_output, stdin_len, argc;
    unsigned long arg_len[MAX_ARGS];
    size_t body_len;
} Request;

static Job jobs[MAX_JOBS];
static int port_fd = -1;

static void __attribute__((format(printf, 1, 2))) note(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fputs("agent: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
}

static long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_BOOTTIME, &t);
    return t.tv_sec * 1000L + t.tv_nsec / 1000000L;
}

/* ---- the port ------------------------------------------------------- */

static bool write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        data += n;
        len -= n;
    }
    return true;
}

/* Blocks until all is there: the host sends a request in one go. */
static bool read_all(int fd, char *data, size_t len)
{
    while (len) {
        ssize_t n = read(fd, data, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        data += n;
        len -= n;
    }
    return true;
}

static bool read_line(int fd, char *line, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (!read_all(fd, line + i, 1)) {
            return false;
        }
        if (line[i] == '\n') {
            line[i] = '\0';
            return true;
        }
    }
    return false;
}

static size_t escape(char *to, const char *from, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    char *p = to;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = from[i];

        if (c == '"' || c == '\\') {
            *p++ = '\\';
            *p++ = c;
        } else if (c >= 0x20 && c < 0x7f) {
            *p++ = c;
        } else {
            memcpy(p, "\\u00", 4);
            p[4] = hex[c >> 4];
            p[5] = hex[c & 15];
            p += 6;
        }
    }
    return p - to;
}

static void send_output(unsigned long id, const char *name, const char *data,
                        size_t len)
{
    static char line[CHUNK * 6 + 64];
    size_t n = sprintf(line, "{\"id\":%lu,\"%s\":\"", id, name);

    n += escape(line + n, data, len);
    n += sprintf(line + n, "\"}\n");
    write_all(port_fd, line, n);
}

static void send_exit(const Job *job, long ms)
{
    char line[256];
    bool killed = WIFSIGNALED(job->status);
    int n = snprintf(line, sizeof(line),
                     "{\"id\":%lu,\"exit\":%d,\"signal\":%d,\"timed_out\":%s,"
                     "\"truncated\":%s,\"ms\":%ld}\n", job->id,
                     killed ? -1 : WEXITSTATUS(job->status),
                     killed ? WTERMSIG(job->status) : 0,
                     job->timed_out ? "true" : "false",
                     job->truncated ? "true" : "false", ms);

    write_all(port_fd, line, n);
}

/* ---- jobs ----------------------------------------------------------- */

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static void close_stdin(Job *job)
{
    close_fd(&job->in_fd);
    job->in_left = 0;
}

static void pump_output(Job *job, Stream *s)
{
    char data[CHUNK];
    ssize_t n = read(s->fd, data, sizeof(data));
    size_t room = job->max_output - s->sent;

    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    if (n <= 0) {
        close_fd(&s->fd);
        return;
    }
    if ((size_t)n > room) {
        job->truncated = true;
        n = room;
    }
    if (n) {
        send_output(job->id, s->name, data, n);
        s->sent += n;
    }
}

static void pump_stdin(Job *job)
{
    ssize_t n = write(job->in_fd, job->in, job->in_left);

    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    if (n <= 0) {
        close_stdin(job);
        return;
    }
    job->in += n;
    job->in_left -= n;
    if (!job->in_left) {
        close_stdin(job);
    }
}

static void finish_if_done(Job *job)
{
    if (!job->reaped || job->out.fd >= 0 || job->err.fd >= 0) {
        return;
    }
    close_stdin(job);
    send_exit(job, now_ms() - job->started);
    free(job->body);
    job->body = NULL;
    job->used = false;
}

static Job *find_job(unsigned long id)
{
    for (int i = 0; i < MAX_JOBS; i++) {
        if (jobs[i].used && jobs[i].id == id) {
            return &jobs[i];
        }
    }
    return NULL;
}

static Job *find_pid(pid_t pid)
{
    for (int i = 0; i < MAX_JOBS; i++) {
        if (jobs[i].used && !jobs[i].reaped && jobs[i].pid == pid) {
            return &jobs[i];
        }
    }
    return NULL;
}

static Job *free_job(void)
{
    for (int i = 0; i < MAX_JOBS; i++) {
        if (!jobs[i].used) {
            return &jobs[i];
        }
    }
    return NULL;
}

static void kill_job(Job *job)
{
    if (!job->reaped) {
        kill(-job->pid, SIGKILL);
    }
}

static void reap(void)
{
    siginfo_t info = { 0 };

    while (!waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT)
           && info.si_pid) {
        pid_t pid = info.si_pid;
        Job *job = find_pid(pid);
        int status = 0;

        if (job) {
            /* The group id is ours only as long as its leader is unreaped. */
            kill(-pid, SIGKILL);
        }
        waitpid(pid, &status, 0);
        if (job) {
            job->status = status;
            job->reaped = true;
        }
        info.si_pid = 0;
    }
}

static void __attribute__((noreturn)) run_child(char **argv, int in, int out,
                                                int err)
{
    sigset_t none;

    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    dup2(in, 0);
    dup2(out, 1);
    dup2(err, 2);
    execvp(argv[0], argv);
    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

static bool open_pipes(int pipes[3][2])
{
    for (int i = 0; i < 3; i++) {
        if (pipe2(pipes[i], O_CLOEXEC)) {
            while (i--) {
                close(pipes[i][0]);
                close(pipes[i][1]);
            }
            return false;
        }
    }
    return true;
}

static bool spawn(Job *job, char **argv)
{
    int pipes[3][2];

    if (!open_pipes(pipes)) {
        return false;
    }
    job->pid = fork();
    if (!job->pid) {
        run_child(argv, pipes[0][0], pipes[1][1], pipes[2][1]);
    }
    close(pipes[0][0]);
    close(pipes[1][1]);
    close(pipes[2][1]);
    if (job->pid < 0) {
        close(pipes[0][1]);
        close(pipes[1][0]);
        close(pipes[2][0]);
        return false;
    }
    setpgid(job->pid, job->pid);
    fcntl(pipes[0][1], F_SETFL, O_NONBLOCK);
    job->in_fd = pipes[0][1];
    job->out = (Stream) { .fd = pipes[1][0], .name = "out" };
    job->err = (Stream) { .fd = pipes[2][0], .name = "err" };
    return true;
}

static void refuse(unsigned long id, const char *why)
{
    const Job none = { .id = id, .status = 126 << 8 };

    send_output(id, "err", why, strlen(why));
    send_exit(&none, 0);
}

static void start_job(const Request *r, char *body)
{
    Job *job = free_job();
    char *argv[MAX_ARGS + 1];
    char *args = malloc(r->body_len + r->argc + 1);
    const char *from = body;
    char *p = args;

    if (!job || !args) {
        refuse(r->id, "agent: too many commands at once\n");
        free(args);
        free(body);
        return;
    }
    for (unsigned long i = 0; i < r->argc; i++) {
        argv[i] = p;
        p = mempcpy(p, from, r->arg_len[i]);
        *p++ = '\0';
        from += r->arg_len[i];
    }
    argv[r->argc] = NULL;
    *job = (Job) {
        .used = true, .id = r->id, .started = now_ms(),
        .deadline = now_ms() + r->timeout_ms, .max_output = r->max_output,
        .body = body, .in = from, .in_left = r->stdin_len,
    };
    if (!spawn(job, argv)) {
        job->used = false;
        refuse(r->id, "agent: cannot start a process\n");
        free(body);
    } else if (!job->in_left) {
        close_stdin(job);
    }
    free(args);
}

/* ---- requests ------------------------------------------------------- */

static bool parse_run(char *text, Request *r)
{
    unsigned long *fields[] = {
        &r->id, &r->timeout_ms, &r->max_output, &r->stdin_len, &r->argc,
    };
    char *end;

    for (int i = 0; i < 5; i++, text = end) {
        *fields[i] = strtoul(text, &end, 10);
        if (end == text) {
            return false;
        }
    }
    if (!r->argc || r->argc > MAX_ARGS || r->stdin_len > MAX_BODY) {
        return false;
    }
    r->body_len = r->stdin_len;
    for (unsigned long i = 0; i < r->argc; i++, text = end) {
        r->arg_len[i] = strtoul(text, &end, 10);
        if (end == text || r->arg_len[i] > MAX_BODY - r->body_len) {
            return false;
        }
        r->body_len += r->arg_len[i];
    }
    return true;
}

static bool serve_run(char *text)
{
    Request r;
    char *body;

    if (!parse_run(text, &r)) {
        return false;
    }
    body = malloc(r.body_len + 1);
    if (!body || !read_all(port_fd, body, r.body_len)) {
        free(body);
        return false;
    }
    start_job(&r, body);
    return true;
}

/* False: the stream is out of step, and nothing more can be understood. */
static bool serve_request(void)
{
    char line[MAX_HEADER];
    Job *job;

    if (!read_line(port_fd, line, sizeof(line))) {
        return false;
    }
    if (!strncmp(line, "run ", 4)) {
        return serve_run(line + 4);
    }
    if (!strncmp(line, "kill ", 5)) {
        job = find_job(strtoul(line + 5, NULL, 10));
        if (job) {
            kill_job(job);
        }
        return true;
    }
    return false;
}

/* ---- boot ----------------------------------------------------------- */

static void mount_all(void)
{
    mkdir("/dev", 0755);
    mkdir("/proc", 0755);
    mkdir("/sys", 0755);
    mkdir("/run", 0755);
    mkdir("/tmp", 01777);
    mount("dev", "/dev", "devtmpfs", 0, NULL);
    mount("proc", "/proc", "proc", 0, NULL);
    mount("sys", "/sys", "sysfs", 0, NULL);
    mount("debug", "/sys/kernel/debug", "debugfs", 0, NULL);
    mount("tmp", "/tmp", "tmpfs", 0, NULL);
}

static void open_console(void)
{
    int fd = open("/dev/console", O_RDWR | O_CLOEXEC);

    if (fd >= 0) {
        dup2(fd, 0);
        dup2(fd, 1);
        dup2(fd, 2);
    }
}

static void load_module(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)) {
        note("%s: %s", path, strerror(errno));
    }
    close_fd(&fd);
}

static void load_modules(void)
{
    char path[512];
    FILE *list = fopen(MODULE_LIST, "re");

    if (!list) {
        return;
    }
    while (fgets(path, sizeof(path), list)) {
        path[strcspn(path, "\n")] = '\0';
        load_module(path);
    }
    fclose(list);
}

/* Without udev nobody makes the named link: look through the ports. */
static int open_named_port(void)
{
    char path[128];

    for (int i = 0; i < 32; i++) {
        char name[64] = "";
        FILE *f;

        snprintf(path, sizeof(path), "/sys/class/virtio-ports/vport%dp%d/name",
                 i / 8, i % 8);
        f = fopen(path, "re");
        if (!f) {
            continue;
        }
        if (!fgets(name, sizeof(name), f)) {
            name[0] = '\0';
        }
        fclose(f);
        name[strcspn(name, "\n")] = '\0';
        if (!strcmp(name, PORT_NAME)) {
            snprintf(path, sizeof(path), "/dev/vport%dp%d", i / 8, i % 8);
            return open(path, O_RDWR | O_CLOEXEC);
        }
    }
    return -1;
}

static void wait_for_port(void)
{
    for (int tries = 0; tries < 6000; tries++) {
        port_fd = open_named_port();
        if (port_fd >= 0) {
            return;
        }
        usleep(10000);
    }
    note("no port named %s", PORT_NAME);
    reboot(RB_POWER_OFF);
}

static void say_ready(void)
{
    char line[96];
    int n = snprintf(line, sizeof(line),
                     "\n{\"event\":\"ready\",\"uptime_ms\":%ld}\n",
                     now_ms());

    write_all(port_fd, line, n);
}

/* ---- the loop ------------------------------------------------------- */

static int next_timeout(void)
{
    long left = 60000;

    for (int i = 0; i < MAX_JOBS; i++) {
        if (jobs[i].used && !jobs[i].timed_out) {
            long mine = jobs[i].deadline - now_ms();

            left = mine < left ? mine : left;
        }
    }
    return left < 0 ? 0 : left;
}

/* A daemon that left the group may hold the pipes for ever: let go of them. */
static void check_deadlines(void)
{
    for (int i = 0; i < MAX_JOBS; i++) {
        Job *job = &jobs[i];

        if (!job->used || now_ms() < job->deadline) {
            continue;
        }
        job->timed_out = true;
        kill_job(job);
        if (job->reaped) {
            close_fd(&job->out.fd);
            close_fd(&job->err.fd);
            finish_if_done(job);
        }
    }
}

/* Slots 0 and 1 are the port and SIGCHLD; each job has three after them.
 * An unused slot has a negative descriptor, which poll() passes over. */
static int fill_polls(struct pollfd *p, int signals)
{
    int n = 2;

    p[0] = (struct pollfd) { .fd = port_fd, .events = POLLIN };
    p[1] = (struct pollfd) { .fd = signals, .events = POLLIN };
    for (int i = 0; i < MAX_JOBS; i++) {
        const Job *job = &jobs[i];

        p[n++] = (struct pollfd) { .fd = job->used ? job->out.fd : -1,
                                   .events = POLLIN };
        p[n++] = (struct pollfd) { .fd = job->used ? job->err.fd : -1,
                                   .events = POLLIN };
        p[n++] = (struct pollfd) { .fd = job->used ? job->in_fd : -1,
                                   .events = POLLOUT };
    }
    return n;
}

static void serve_jobs(const struct pollfd *p)
{
    for (int i = 0; i < MAX_JOBS; i++, p += 3) {
        Job *job = &jobs[i];

        if (!job->used) {
            continue;
        }
        if (p[0].revents && p[0].fd == job->out.fd) {
            pump_output(job, &job->out);
        }
        if (p[1].revents && p[1].fd == job->err.fd) {
            pump_output(job, &job->err);
        }
        if (p[2].revents && p[2].fd == job->in_fd) {
            pump_stdin(job);
        }
        finish_if_done(job);
    }
}

static void serve(int signals)
{
    struct pollfd polls[2 + MAX_JOBS * 3];
    struct signalfd_siginfo info;

    for (;;) {
        int n = fill_polls(polls, signals);

        if (poll(polls, n, next_timeout()) < 0) {
            continue;
        }
        if (polls[1].revents) {
            if (read(signals, &info, sizeof(info)) > 0) {
                reap();
            }
        }
        serve_jobs(polls + 2);
        check_deadlines();
        if (polls[0].revents & POLLIN) {
            if (!serve_request()) {
                note("a request that makes no sense; giving up");
                return;
            }
        } else if (polls[0].revents & POLLHUP) {
            usleep(50000);      /* nobody listens yet, or any more */
        }
    }
}

int main(void)
{
    sigset_t child;

    mount_all();
    open_console();
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    signal(SIGPIPE, SIG_IGN);
    setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin", 1);
    setenv("HOME", "/", 1);
    load_modules();
    wait_for_port();
    say_ready();
    serve(signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
    sync();
    reboot(RB_POWER_OFF);
    return 1;
}
