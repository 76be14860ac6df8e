package io.tidemill.docs;

/** What a worker has and a producer has not. */
final class PdfInvoices implements InvoiceTasks {

    @Override
    public String createInvoice(long orderId) {
        return "invoice-" + orderId + ".pdf";
    }
}
