/* Admission: at most max_active operations of a lane are inside libcurl, the rest wait
 * here in order, under their own deadlines (libcurl would not even time out one that
 * waits for a connection slot). */
#include "io/curl_priv.h"

static void list_add(struct op_list *list, struct ss_http_op *op)
{
	op->list = list;
	op->prev = list->tail;
	op->next = NULL;
	if (list->tail)
		list->tail->next = op;
	else
		list->head = op;
	list->tail = op;
	list->n++;
}

static void list_add_first(struct op_list *list, struct ss_http_op *op)
{
	op->list = list;
	op->prev = NULL;
	op->next = list->head;
	if (list->head)
		list->head->prev = op;
	else
		list->tail = op;
	list->head = op;
	list->n++;
}

static void list_remove(struct ss_http_op *op)
{
	struct op_list *list = op->list;

	if (op->prev)
		op->prev->next = op->next;
	else
		list->head = op->next;
	if (op->next)
		op->next->prev = op->prev;
	else
		list->tail = op->prev;
	op->prev = op->next = NULL;
	op->list = NULL;
	list->n--;
}

static CURLcode activate(struct ss_http_op *op)
{
	struct lane *lane = op->lane;
	CURLcode result;

	op->slot = ss_curl_slot_get(op->t);
	if (!op->slot)
		return CURLE_OUT_OF_MEMORY;
	result = ss_curl_slot_prepare(op->slot, op);
	if (result)
		return result;
	if (ss_libcurl.curl_multi_add_handle(lane->multi, op->slot->easy))
		return CURLE_OUT_OF_MEMORY;
	list_remove(op);
	list_add(&lane->active, op);
	return CURLE_OK;
}

static bool has_room(const struct lane *lane)
{
	return !lane->max_active || lane->active.n < lane->max_active;
}

void ss_curl_queue_pump(struct lane *lane)
{
	while (lane->queued.head && has_room(lane)) {
		struct ss_http_op *op = lane->queued.head;
		CURLcode result = activate(op);

		if (result)
			ss_curl_queue_end(op, result);
	}
}

int ss_curl_queue_add(struct ss_http_op *op, struct ss_err *err)
{
	struct lane *lane = op->lane;

	if (lane->queued.n >= MAX_QUEUED)
		return ss_err_set(err, SS_ERR_LIMIT, "%s: %d requests are waiting already",
		                  op->t->base.server, MAX_QUEUED);
	list_add(&lane->queued, op);
	ss_curl_queue_pump(lane);
	return 0;
}

void ss_curl_queue_remove(struct ss_http_op *op)
{
	if (!op->list)
		return;
	if (op->list == &op->lane->active)
		ss_libcurl.curl_multi_remove_handle(op->lane->multi, op->slot->easy);
	list_remove(op);
}

static void put_back(struct ss_http_op *op)
{
	ss_curl_queue_remove(op);
	ss_curl_slot_put(op->t, op->slot);
	op->slot = NULL;
	op->sent = false;
	list_add_first(&op->lane->queued, op);
}

bool ss_curl_queue_resend(struct ss_http_op *op, CURLcode result)
{
	if (!ss_curl_op_refused(op, result) || op->resends >= MAX_RESENDS)
		return false;
	op->resends++;
	put_back(op);
	return true;
}

void ss_curl_queue_take_back(struct lane *lane)
{
	struct ss_http_op *op = lane->active.tail, *prev;

	for (; op; op = prev) {
		prev = op->prev;
		if (!op->sent)
			put_back(op);
	}
}

void ss_curl_queue_drop(struct ss_http_op *op)
{
	ss_curl_queue_remove(op);
	uv_timer_stop(&op->timer);
	list_add(&op->lane->ended, op);
}

void ss_curl_queue_end(struct ss_http_op *op, CURLcode result)
{
	ss_curl_queue_drop(op);
	op->result = result;
	ss_loop_post(op->t->base.loop, &op->turn);
}
