package io.tidemill.plan;

import io.tidemill.task.PayloadException;
import io.tidemill.text.Names;
import io.tidemill.text.PrintableText;
import java.util.List;
import java.util.function.Function;

/**
 * Writes plans, sections and values as bytes. All numbers are written as {@link PlanWriter} says.
 *
 * <pre>
 * plan      layout 1, name, policy, home, jobs, keepMillis, result, list of first steps, list of waiting steps,
 *           list of compensations: place, step; list of callbacks: end, step
 * section   layout 1, workflow, home, jobs, 0 | 1 asks first, step, 0 | 1 value
 * step      number, name, kind, queue, record, priority, delayMillis, 0 | 1 group, places,
 *           list of arguments, list of guards, list of steps it makes, list of targets, endKeepMillis
 * argument  0 bytes | 1 place | 2 from count | 3 from count
 * guard     place, 0 | 1
 * target    queue, step, place, 0 | 1 timed
 * plans     list of plans, each as bytes
 * value     0 (nothing) | 1 (skipped) | 2 bytes | 3 list of values | 4 millis value
 * </pre>
 *
 * <p>A reader refuses a layout that it does not know, and whatever is out of range.
 */
public final class PlanCodec {

    private static final int LAYOUT = 1;
    private static final int MOST_PLACES = 100_100;
    private static final int MOST_ARGUMENTS = 8;
    private static final int MOST_PRIORITY = 9;

    /** Deepest nesting of values and of steps within steps: far more than any plan has, far less than a stack. */
    private static final int MOST_DEPTH = 500;

    private PlanCodec() {}

    /** The plan as bytes. */
    public static byte[] encode(Plan plan) {
        return new PlanWriter()
                .number(LAYOUT)
                .text(plan.name())
                .number(plan.onFailure().code())
                .text(plan.home())
                .text(plan.jobs())
                .number(plan.keepMillis())
                .number(plan.result())
                .list(plan.first(), PlanCodec::write)
                .list(plan.waiting(), PlanCodec::write)
                .list(plan.ends().compensations(), (to, each) -> write(to.number(each.place()), each.call()))
                .list(
                        plan.ends().callbacks(),
                        (to, each) -> write(to.number(each.at().code()), each.call()))
                .written();
    }

    /**
     * The plan that these bytes hold.
     *
     * @throws PayloadException if they hold none, or one that a newer version wrote
     */
    public static Plan decodePlan(byte[] bytes) {
        PlanReader in = opened(bytes);
        Plan plan = new Plan(
                named(in, "name of the workflow", PrintableText::check),
                in.coded("policy", FailurePolicy.values(), FailurePolicy::code),
                named(in, "home queue", Names::check),
                named(in, "ids of jobs", PrintableText::check),
                in.number("time to keep it", Long.MAX_VALUE),
                in.count("result", Plan.MAX_STEPS - 1),
                in.list("first steps", Plan.MAX_STEPS, each -> step(each, 0)),
                in.list("waiting steps", Plan.MAX_STEPS, each -> step(each, 0)),
                new PlanEnds(
                        in.list("compensations", Plan.MAX_STEPS, PlanCodec::compensation),
                        in.list("callbacks", Plan.MAX_CALLBACKS, PlanCodec::callback)));
        in.end();
        return plan;
    }

    private static PlanEnds.Compensation compensation(PlanReader in) {
        return new PlanEnds.Compensation(in.count("place", MOST_PLACES - 1), step(in, 0));
    }

    private static PlanEnds.Callback callback(PlanReader in) {
        return new PlanEnds.Callback(in.coded("end", PlanEnds.End.values(), PlanEnds.End::code), step(in, 0));
    }

    /** Several plans as bytes. */
    public static byte[] encode(List<Plan> plans) {
        return new PlanWriter()
                .list(plans, (to, plan) -> to.bytes(encode(plan)))
                .written();
    }

    /**
     * The plans that these bytes hold.
     *
     * @throws PayloadException if they hold none, or those of a newer version
     */
    public static List<Plan> decodePlans(byte[] bytes) {
        PlanReader in = new PlanReader(bytes);
        List<Plan> plans = in.list("plans", Plan.MAX_STEPS, each -> decodePlan(each.bytes("plan")));
        in.end();
        return plans;
    }

    /** The section as bytes. */
    public static byte[] encode(StepSection section) {
        PlanWriter out = new PlanWriter()
                .number(LAYOUT)
                .text(section.workflow().id())
                .text(section.workflow().home())
                .text(section.workflow().jobs())
                .number(section.workflow().asksFirst() ? 1 : 0);
        write(out, section.step());
        StepValue value = section.value();
        return value == null
                ? out.number(0).written()
                : write(out.number(1), value).written();
    }

    /**
     * The section that these bytes hold.
     *
     * @throws PayloadException if they hold none, or one that a newer version wrote
     */
    public static StepSection decodeSection(byte[] bytes) {
        PlanReader in = opened(bytes);
        WorkflowRef workflow = new WorkflowRef(
                named(in, "id of the workflow", PrintableText::check),
                named(in, "home queue", Names::check),
                named(in, "ids of jobs", PrintableText::check),
                in.count("whether it asks first", 1) == 1);
        StepSection section =
                new StepSection(workflow, step(in, 0), in.count("presence of a value", 1) == 0 ? null : value(in, 0));
        in.end();
        return section;
    }

    /** The value as bytes. */
    public static byte[] encode(StepValue value) {
        return write(new PlanWriter(), value).written();
    }

    /**
     * The value that these bytes hold.
     *
     * @throws PayloadException if they hold none
     */
    public static StepValue decodeValue(byte[] bytes) {
        PlanReader in = new PlanReader(bytes);
        StepValue value = value(in, 0);
        in.end();
        return value;
    }

    /** How many bytes a step takes, with all that it makes. */
    public static int size(PlanStep step) {
        PlanWriter out = new PlanWriter();
        write(out, step);
        return out.written().length;
    }

    private static PlanReader opened(byte[] bytes) {
        PlanReader in = new PlanReader(bytes);
        long layout = in.number("layout", Integer.MAX_VALUE);
        if (layout != LAYOUT) {
            throw in.wrong("it has layout " + layout + ", and this version reads layout " + LAYOUT
                    + "; a newer version wrote it, or it is no plan");
        }
        return in;
    }

    private interface Check {
        String check(String kind, String text);
    }

    private static String named(PlanReader in, String what, Check check) {
        try {
            return check.check(what, in.text(what));
        } catch (IllegalArgumentException e) {
            throw in.wrong(String.valueOf(e.getMessage()));
        }
    }

    private static PlanWriter write(PlanWriter out, PlanStep step) {
        PlanStep.Start start = step.start();
        out.number(step.number())
                .text(step.name())
                .number(step.kind().code())
                .text(step.queue())
                .bytes(step.job())
                .number(start.priority())
                .number(start.delayMillis())
                .number(start.group() == null ? 0 : 1);
        if (start.group() != null) {
            out.text(start.group());
        }
        out.number(step.places())
                .list(step.arguments(), PlanCodec::write)
                .list(step.guards(), (to, guard) -> to.number(guard.place()).number(guard.expected() ? 1 : 0))
                .list(step.makes(), PlanCodec::write)
                .list(
                        step.fills(),
                        (to, target) -> to.text(target.queue())
                                .number(target.step())
                                .number(target.place())
                                .number(target.isTimed() ? 1 : 0))
                .number(step.endKeepMillis());
        return out;
    }

    private static PlanStep step(PlanReader in, int depth) {
        checkDepth(in, depth);
        int number = in.count("number of a step", Plan.MOST_NUMBER);
        String name = named(in, "name of a step", PrintableText::check);
        StepKind kind = in.coded("kind of a step", StepKind.values(), StepKind::code);
        String queue = named(in, "queue", Names::check);
        byte[] job = in.bytes("record");
        PlanStep.Start start = new PlanStep.Start(
                in.count("priority", MOST_PRIORITY),
                in.number("delay", Long.MAX_VALUE),
                in.count("presence of a group", 1) == 0 ? null : named(in, "group", PrintableText::check));
        int places = in.count("number of places", MOST_PLACES);
        return new PlanStep(
                number,
                name,
                kind,
                queue,
                job,
                start,
                places,
                in.list("arguments", MOST_ARGUMENTS, each -> argument(each, places)),
                in.list("guards", MOST_PLACES, each -> guard(each, places)),
                in.list("steps", Plan.MAX_STEPS, each -> step(each, depth + 1)),
                in.list("places to fill", Plan.MAX_STEPS, PlanCodec::target),
                in.number("time to keep it", Long.MAX_VALUE));
    }

    private static void write(PlanWriter out, Argument argument) {
        if (argument instanceof Argument.Constant constant) {
            out.number(0).bytes(constant.bytes());
        } else if (argument instanceof Argument.Place place) {
            out.number(1).number(place.place());
        } else if (argument instanceof Argument.Places list) {
            out.number(2).number(list.from()).number(list.count());
        } else if (argument instanceof Argument.FirstOf first) {
            out.number(3).number(first.from()).number(first.count());
        }
    }

    private static Argument argument(PlanReader in, int places) {
        int kind = in.count("kind of an argument", 3);
        if (kind == 0) {
            return new Argument.Constant(in.bytes("argument"));
        }
        if (kind == 1) {
            return new Argument.Place(place(in, places));
        }
        int from = in.count("first place", places);
        int count = in.count("number of places", places - from);
        return kind == 2 ? new Argument.Places(from, count) : new Argument.FirstOf(from, count);
    }

    private static Guard guard(PlanReader in, int places) {
        return new Guard(place(in, places), in.count("expected value", 1) == 1);
    }

    private static int place(PlanReader in, int places) {
        int place = in.count("place", MOST_PLACES);
        if (place >= places) {
            throw in.wrong("place " + place + " of a step that has " + places);
        }
        return place;
    }

    private static Target target(PlanReader in) {
        return new Target(
                named(in, "queue", Names::check),
                in.count("number of a step", Plan.MOST_NUMBER),
                in.count("place", MOST_PLACES - 1),
                in.count("whether it says when", 1) == 1);
    }

    private static PlanWriter write(PlanWriter out, StepValue value) {
        if (value instanceof StepValue.Written written) {
            return out.number(2).bytes(written.bytes());
        }
        if (value instanceof StepValue.Items list) {
            return out.number(3).list(list.items(), PlanCodec::write);
        }
        if (value instanceof StepValue.Timed timed) {
            return write(out.number(4).number(timed.millis()), timed.value());
        }
        return out.number(value.isSkipped() ? 1 : 0);
    }

    private static StepValue value(PlanReader in, int depth) {
        checkDepth(in, depth);
        Function<PlanReader, StepValue> item = each -> value(each, depth + 1);
        return switch (in.count("kind of a value", 4)) {
            case 0 -> StepValue.Empty.NOTHING;
            case 1 -> StepValue.Empty.SKIPPED;
            case 2 -> new StepValue.Written(in.bytes("value"));
            case 3 -> new StepValue.Items(in.list("values", Integer.MAX_VALUE, item));
            default -> new StepValue.Timed(in.number("time", Long.MAX_VALUE), value(in, depth + 1));
        };
    }

    private static void checkDepth(PlanReader in, int depth) {
        if (depth > MOST_DEPTH) {
            throw in.wrong("it is nested deeper than " + MOST_DEPTH);
        }
    }
}
