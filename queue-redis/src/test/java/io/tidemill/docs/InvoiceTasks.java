package io.tidemill.docs;

import io.tidemill.task.Task;

// region: share-an-interface
public interface InvoiceTasks {

    @Task(name = "create_invoice", queue = "invoices")
    String createInvoice(long orderId);
}
// endregion
