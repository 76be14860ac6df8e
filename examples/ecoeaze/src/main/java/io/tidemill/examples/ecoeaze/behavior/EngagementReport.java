package io.tidemill.examples.ecoeaze.behavior;

import java.util.Map;

/**
 * A report of how the platform was used.
 *
 * @param path the Excel file
 * @param users how many users did something
 * @param actions how much they did
 * @param byAction how often each action was done
 */
public record EngagementReport(String path, int users, int actions, Map<String, Integer> byAction) {}
