#include "bind/stdin.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "bind/text.h"
#include "io/loop.h"
#include "script/await.h"
#include "script/host.h"
#include "script/luax.h"

enum { MAX_STDIN_BYTES = 64 << 20, READ_BYTES = 64 << 10 };

/* What was read and not yet asked for; one per state, in registry[&state_key]. */
struct input {
	struct ss_buf ahead;
	size_t scanned; /* no line break before it */
	bool eof, busy;
	int error; /* errno */
};

struct request {
	struct ss_await *await;
	struct input *in;
	struct ss_poll *poll;
	char form;    /* l L n a, or # for a number of bytes */
	size_t bytes; /* of # */
};

static const char state_key;

static void free_input(void *ud)
{
	struct input *in = ud;

	ss_buf_done(&in->ahead);
	free(in);
}

static struct input *input_of(lua_State *L)
{
	struct input *in;
	void **box;

	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &state_key) == LUA_TUSERDATA) {
		in = *(struct input **)lua_touserdata(L, -1);
		lua_pop(L, 1);
		return in;
	}
	lua_pop(L, 1);
	box = ss_lua_new_box(L, "sandscript.stdin", free_input);
	in = calloc(1, sizeof(*in));
	if (!in)
		luaL_error(L, "out of memory");
	in->ahead.max = MAX_STDIN_BYTES;
	*box = in;
	lua_rawsetp(L, LUA_REGISTRYINDEX, &state_key);
	return in;
}

/* --- what is there already ------------------------------------------------------ */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Length of the first line with its break, 0 = not there yet. */
static size_t line_length(struct input *in)
{
	const char *nl = in->ahead.len > in->scanned ? memchr(in->ahead.data + in->scanned, '\n',
	                                                      in->ahead.len - in->scanned)
	                                             : NULL;

	/* Asked again, the break that was found is found again. */
	in->scanned = nl ? (size_t)(nl - in->ahead.data) : in->ahead.len;
	if (nl)
		return in->scanned + 1;
	return in->eof ? in->ahead.len : 0;
}

/* Bytes of the white space and the word after it. */
static size_t word_length(const struct input *in, size_t *ret_start)
{
	size_t i = 0;

	while (i < in->ahead.len && is_space(in->ahead.data[i]))
		i++;
	*ret_start = i;
	while (i < in->ahead.len && !is_space(in->ahead.data[i]))
		i++;
	return i < in->ahead.len || in->eof ? i : 0;
}

/* Whether the request can be answered from what is there. */
static bool is_ready(const struct request *r)
{
	struct input *in = r->in;
	size_t start;

	if (in->eof || in->error || in->ahead.failed)
		return true;
	switch (r->form) {
	case 'l':
	case 'L':
		return line_length(in) > 0;
	case '#':
		return in->ahead.len >= (r->bytes ? r->bytes : 1);
	case 'n':
		return word_length(in, &start) > 0;
	default:
		return false;
	}
}

static void consume(struct input *in, size_t n)
{
	ss_buf_consume(&in->ahead, n);
	in->scanned = 0;
}

static int push_line(lua_State *L, struct input *in, bool keep_break)
{
	size_t len, cut;

	in->scanned = 0;
	len = line_length(in);
	cut = len && in->ahead.data[len - 1] == '\n' && !keep_break;
	if (!len)
		lua_pushnil(L);
	else
		lua_pushlstring(L, in->ahead.data, len - cut);
	consume(in, len);
	return 1;
}

static int push_number(lua_State *L, struct input *in)
{
	size_t start, len = word_length(in, &start);
	char word[201];

	if (len <= start || len - start >= sizeof(word)) {
		lua_pushnil(L);
		return 1;
	}
	memcpy(word, in->ahead.data + start, len - start);
	word[len - start] = 0;
	if (lua_stringtonumber(L, word))
		consume(in, len);
	else
		lua_pushnil(L);
	return 1;
}

static int push_bytes(lua_State *L, const struct request *r)
{
	size_t len = r->in->ahead.len;

	if (!len && r->form == '#') {
		lua_pushnil(L);
		return 1;
	}
	if (r->form == '#' && len > r->bytes)
		len = r->bytes;
	lua_pushlstring(L, r->in->ahead.data ? r->in->ahead.data : "", len);
	consume(r->in, len);
	return 1;
}

static int push_answer(lua_State *L, const struct request *r)
{
	struct ss_err err;

	ss_err_init(&err);
	if (ss_buf_check(&r->in->ahead, "standard input", &err))
		return ss_lua_fail(L, &err);
	if (r->in->error && !r->in->ahead.len) {
		ss_err_set(&err, SS_ERR_IO, "standard input: %s", strerror(r->in->error));
		return ss_lua_fail(L, &err);
	}
	switch (r->form) {
	case 'l':
	case 'L':
		return push_line(L, r->in, r->form == 'L');
	case 'n':
		return push_number(L, r->in);
	default:
		return push_bytes(L, r);
	}
}

/* --- reading -------------------------------------------------------------------- */

/* One read; false when it would block. */
static bool read_more(struct input *in)
{
	ssize_t n;

	if (!ss_buf_grow(&in->ahead, READ_BYTES))
		return true;
	do
		n = read(STDIN_FILENO, in->ahead.data + in->ahead.len, READ_BYTES);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return false;
	if (n < 0)
		in->error = errno;
	else if (n == 0)
		in->eof = true;
	else
		in->ahead.len += (size_t)n;
	in->ahead.data[in->ahead.len] = 0;
	return true;
}

static void stop(struct request *r)
{
	ss_poll_stop(r->poll);
	r->poll = NULL;
	r->in->busy = false;
}

static void on_readable(void *ud)
{
	struct request *r = ud;

	if (!read_more(r->in) || !is_ready(r))
		return;
	stop(r);
	ss_await_finish(r->await, NULL);
}

static void cancel_request(void *op)
{
	stop(op);
}

static void free_request(void *data)
{
	struct request *r = data;

	if (r->poll)
		stop(r);
	free(r);
}

static int push_request(lua_State *L, struct ss_await *a)
{
	return push_answer(L, a->data);
}

static struct request parse_format(lua_State *L)
{
	struct request r = {.form = 'l'};
	const char *form;

	if (lua_type(L, 1) == LUA_TNUMBER) {
		lua_Integer n = luaL_checkinteger(L, 1);

		luaL_argcheck(L, n >= 0 && n <= MAX_STDIN_BYTES, 1, "0 to 64 MiB");
		r.form = '#';
		r.bytes = (size_t)n;
		return r;
	}
	form = luaL_optstring(L, 1, "l");
	form += form[0] == '*'; /* as io.read allows it */
	luaL_argcheck(L, form[0] && strchr("lLna", form[0]), 1,
	              "the formats are \"l\", \"L\", \"n\", \"a\" or a number of bytes");
	r.form = form[0];
	return r;
}

static int wait_for_input(lua_State *L, const struct request *wanted)
{
	struct ss_await *a = ss_await_new(L, push_request);
	struct request *r = malloc(sizeof(*r));
	struct ss_err err;

	ss_err_init(&err);
	if (!r) {
		ss_err_nomem(&err);
		return ss_await_fail(L, a, &err);
	}
	*r = *wanted;
	r->await = a;
	a->data = r;
	a->data_free = free_request;
	r->poll = ss_poll_start(ss_host_loop(ss_host_of(L)), STDIN_FILENO, on_readable, r, &err);
	if (!r->poll)
		return ss_await_fail(L, a, &err);
	r->in->busy = true;
	ss_await_started(a, cancel_request, r);
	return ss_await_wait(L, a);
}

/* fs.stdin([format]) --> text | number | nil at the end
 * Reads standard input as io.read does: "l" a line (default), "L" with its break, "n" a number,
 * "a" everything, or a number of bytes (less at the end).  for line in fs.stdin do … end
 * raises: for another format, or while another task reads
 * returns nil, err: io, limit (64 MiB), canceled
 * yields: yes, while nothing is there */
int ss_bind_l_stdin(lua_State *L)
{
	struct request r = parse_format(L);
	off_t regular = lseek(STDIN_FILENO, 0, SEEK_CUR);

	r.in = input_of(L);
	if (r.in->busy)
		return ss_lua_misuse(L, "fs.stdin: another task is reading standard input");
	/* Only what can be sought never blocks and cannot be polled. */
	while (regular >= 0 && !is_ready(&r))
		read_more(r.in);
	if (is_ready(&r))
		return push_answer(L, &r);
	return wait_for_input(L, &r);
}
