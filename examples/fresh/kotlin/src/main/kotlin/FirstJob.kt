import com.fasterxml.jackson.module.kotlin.KotlinModule
import io.tidemill.TaskQueue
import io.tidemill.message.JsonPayloadCodec
import io.tidemill.task.Task
import java.time.Duration

data class Order(val id: Long, val customer: String, val notes: List<String> = emptyList())

data class Invoice(val order: Long, val text: String?)

class Orders {
    @Task
    fun invoice(order: Order): Invoice = Invoice(order.id, "for ${order.customer}")

    @Task
    fun remind(customer: String) {
        println("reminded $customer")
    }
}

fun main() {
    TaskQueue.builder()
        .codec(JsonPayloadCodec.with(KotlinModule.Builder().build()))
        .tasks(Orders())
        .start()
        .use { queue ->
            val invoice = queue.enqueue(Orders::invoice, Order(1, "Ada")).await(Duration.ofSeconds(10))
            // The result of a task without a value is null, and Kotlin knows that it may be.
            val nothing: Void? = queue.enqueue(Orders::remind, "Ada").await(Duration.ofSeconds(10))
            println("$invoice, $nothing")
        }
}
